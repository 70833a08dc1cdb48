/** The firm's position in each instrument, its accounts taken together. */
import type { State } from '../state.ts';
import type { Price, Product } from '../values/fixed-point.ts';
import type { Ticker } from '../values/names.ts';
import { averageOf, FLAT, type Holding } from './holding.ts';

export interface FirmPosition extends Holding {
  readonly ticker: Ticker;
  /** Undefined when flat. */
  readonly averagePrice: Price | undefined;
  /** The mark the core last sampled. */
  readonly mark: Price;
}

/** Every instrument ever held, flat ones with what they earned. */
export function positionsOf(state: State): readonly FirmPosition[] {
  const sums = new Map<Ticker, Holding>();
  for (const { holdings } of state.accounts.values()) {
    for (const [ticker, held] of holdings) sums.set(ticker, sum(sums.get(ticker) ?? FLAT, held));
  }
  return [...sums].map(([ticker, holding]) => ({
    ticker,
    ...holding,
    averagePrice: averageOf(holding),
    mark: state.firm.existing(ticker).mark,
  }));
}

const sum = (a: Holding, b: Holding): Holding => ({
  units: a.units + b.units,
  cost: (a.cost + b.cost) as Product,
  realised: (a.realised + b.realised) as Product,
});
