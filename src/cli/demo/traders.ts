/** Who trades in the demo: four ways to meet a spread, and dice from one seed. */
import { divideHalfEven, SCALE } from '../../core/values/fixed-point.ts';
import type { Random } from '../../market-data/random.ts';
import { type Amount, toStep } from './amounts.ts';
import type { OrderRequest } from './api-client.ts';
import type { SeenQuote } from './market-view.ts';

type Side = OrderRequest['side'];
export type Intent = Omit<OrderRequest, 'clientOrderId'>;
/** What a trader makes of a quote. */
type Manner = (side: Side, quote: SeenQuote, dice: Random) => Amount | undefined;

export interface Character {
  readonly name: string;
  /** Also the order's `strategy`. */
  readonly style: string;
  readonly says: string;
  /** The limit; undefined: a market order. */
  readonly priceOf: Manner;
}

/** Moves a price in the buyer's (or seller's) favour by so many ticks. */
const better = (side: Side, price: Amount, ticks: number, { tick }: SeenQuote): Amount => {
  const moved = side === 'BUY' ? price - BigInt(ticks) * tick : price + BigInt(ticks) * tick;
  return moved < tick ? tick : moved;
};
const near = (side: Side, { bid, ask }: SeenQuote): Amount => (side === 'BUY' ? bid : ask);
const far = (side: Side, { bid, ask }: SeenQuote): Amount => (side === 'BUY' ? ask : bid);

export const CHARACTERS: readonly Character[] = [
  {
    name: 'trader1',
    style: 'taker',
    says: 'takes what is there, at the market',
    priceOf: () => undefined,
  },
  {
    name: 'ada',
    style: 'crosser',
    says: 'crosses the spread with a limit',
    priceOf: (side, quote) => far(side, quote),
  },
  {
    name: 'ben',
    style: 'maker',
    says: 'quotes inside the spread, or joins it',
    priceOf: (side, quote) => {
      const isWide = quote.ask - quote.bid > quote.tick;
      return isWide ? better(side, near(side, quote), -1, quote) : near(side, quote);
    },
  },
  {
    name: 'cleo',
    style: 'patient',
    says: 'waits outside the spread, and cancels what waited too long',
    priceOf: (side, quote, dice) => better(side, near(side, quote), 2 + dice.below(18), quote),
  },
];

/** Between 2,000 and 14,000 of the currency: a day of it stays well within the daily limit. */
export function intentOf({ style, priceOf }: Character, quote: SeenQuote, dice: Random): Intent {
  const side: Side = dice.chance(0.5) ? 'BUY' : 'SELL';
  const notional = BigInt(2_000 + dice.below(12_000)) * SCALE;
  const price = priceOf(side, quote, dice);
  return {
    symbol: quote.symbol,
    side,
    type: price === undefined ? 'MARKET' : 'LIMIT',
    quantity: quantityFor(notional, quote),
    price,
    strategy: style,
  };
}

/** As many whole lots as `notional` buys at the midpoint, and one at least. */
export function quantityFor(notional: Amount, { bid, ask, lot }: SeenQuote): Amount {
  const units = divideHalfEven(notional * SCALE * 2n, bid + ask);
  const lots = toStep(units, lot);
  return lots > 0n ? lots : lot;
}
