/** An order held against the book: what it is reckoned at, and what it would bring the firm to at worst. */
import type { SampledQuote } from '../commands.ts';
import type { Instrument } from '../instruments/instrument.ts';
import type { Order } from '../orders/order.ts';
import { type Price, type Product, productOf } from '../values/fixed-point.ts';
import { marketProtection } from './market-protection.ts';
import { type RiskGroup, worstOf } from './risk-group.ts';

/** All amounts undivided (1e-16), at the mark that the order brings. */
export interface Proposal {
  readonly order: Order;
  readonly instrument: Instrument;
  readonly group: RiskGroup;
  /** The instrument's mark from here on. */
  readonly mark: Price;
  /** The worst price the order may trade at. */
  readonly boundPrice: Price;
  /** The worse of mark and bound: what the order's own part is reckoned at. */
  readonly reservePrice: Price;
  /** The order's own part. */
  readonly value: Product;
  /** The instrument's extremes before the order. */
  readonly upmost: bigint;
  readonly downmost: bigint;
  readonly worst: bigint;
  /** The group's sums before the order. */
  readonly groupUpmost: bigint;
  readonly groupDownmost: bigint;
  readonly groupWorst: bigint;
}

/**
 * Reckons the order at the sampled mark; where no quote was ever seen, at the last mark known, and a first order
 * in a new symbol at its own price. Undefined for a market order without any mark: there is nothing to reckon with.
 */
export function propose(
  order: Order,
  instrument: Instrument,
  group: RiskGroup,
  quote: SampledQuote | undefined,
): Proposal | undefined {
  const exposure = group.exposures.get(order.ticker);
  const mark = quote?.mark ?? exposure?.mark ?? order.price;
  if (mark === undefined) return undefined;
  const boundPrice = order.price ?? marketProtection(order.side, mark, instrument.tickSize);
  const reservePrice = boundPrice > mark ? boundPrice : mark;
  let upmost = 0n;
  let downmost = 0n;
  let worst = 0n;
  let { upmost: groupUpmost, downmost: groupDownmost, worst: groupWorst } = group;
  if (exposure !== undefined) {
    ({ upmost, downmost, worst } = exposure);
    if (exposure.mark !== mark) {
      upmost = (exposure.position + exposure.buying) * mark;
      downmost = (exposure.position - exposure.selling) * mark;
      groupUpmost += upmost - exposure.upmost;
      groupDownmost += downmost - exposure.downmost;
      worst = worstOf(upmost, downmost);
      groupWorst += worst - exposure.worst;
    }
  }
  const value = productOf(reservePrice, order.quantity);
  return {
    order,
    instrument,
    group,
    mark,
    boundPrice,
    reservePrice,
    value,
    upmost,
    downmost,
    worst,
    groupUpmost,
    groupDownmost,
    groupWorst,
  };
}
