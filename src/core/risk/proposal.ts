/** An order held against the book: what it is reckoned at, and what it would bring the firm to at worst. */
import type { SampledQuote } from '../commands.ts';
import type { Listing } from '../instruments/instrument.ts';
import type { Order } from '../orders/order.ts';
import { type Price, type Product, productOf } from '../values/fixed-point.ts';
import { marketProtection } from './market-protection.ts';
import { type RiskGroup, worstOf } from './risk-group.ts';

/**
 * All amounts undivided (1e-16), at the mark that the order brings; `group...` are the sums before the order. A side's
 * amounts are positive when they lie on that side: short for a sell.
 */
export interface Proposal {
  readonly order: Order;
  readonly group: RiskGroup;
  /** The instrument's mark from here on. */
  readonly mark: Price;
  /** The worst price the order may trade at. */
  readonly boundPrice: Price;
  /** The worse of mark and bound: what the order's own part is reckoned at. */
  readonly reservePrice: Price;
  /** The order's own part. */
  readonly value: Product;
  /**
   * Units that the instrument could come to on the order's own side, before the order: long for a buy (every buy
   * filled, no sell), short for a sell.
   */
  readonly ownUnits: bigint;
  /** The same on the other side. */
  readonly otherUnits: bigint;
  /** What the instrument could come to on the order's own side, the order included. */
  readonly ownEnd: bigint;
  /** What the group's net exposure could come to on the order's own side. */
  readonly groupEnd: bigint;
  readonly groupWorst: bigint;
}

/** Does the quote say what the instrument is worth? A feed may show zero, or less, where it has nothing to show. */
export const isPriced = (quote: SampledQuote | undefined): quote is SampledQuote =>
  quote !== undefined && quote.mark > 0n;

/**
 * Reckons the order at the sampled mark; where no quote was ever seen, at the last mark known or its own price,
 * whichever is dearer: a cheap first order in a new symbol must not make light of those that follow. Undefined for
 * a market order without any mark: there is nothing to reckon with.
 */
export function propose(
  order: Order,
  { slot, tickSize }: Listing,
  group: RiskGroup,
  quote: SampledQuote | undefined,
): Proposal | undefined {
  const known = group.markAt(slot);
  const mark = isPriced(quote) ? quote.mark : dearer(known, order.price ?? known);
  if (mark === 0n) return undefined;
  const boundPrice = order.price ?? marketProtection(order.side, mark, tickSize);
  const reservePrice = dearer(boundPrice, mark);
  const value = productOf(reservePrice, order.quantity);
  const isBuy = order.side === 'BUY';
  const longest = group.longestAt(slot);
  const shortest = group.shortestAt(slot);
  let groupEnd = isBuy ? group.upmost : -group.downmost;
  let groupWorst = group.worst;
  const ownUnits = isBuy ? longest : -shortest;
  if (known !== mark) {
    groupEnd += (mark - known) * ownUnits;
    groupWorst += (mark - known) * worstOf(longest, shortest);
  }
  return {
    order,
    group,
    mark,
    boundPrice,
    reservePrice,
    value,
    ownUnits,
    otherUnits: isBuy ? -shortest : longest,
    ownEnd: mark * ownUnits + value,
    groupEnd,
    groupWorst,
  };
}

const dearer = (one: Price, other: Price): Price => (one > other ? one : other);
