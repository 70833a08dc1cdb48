/** The firm's position in each instrument, its accounts taken together. */
import type { State } from '../state.ts';
import type { Price, Product } from '../values/fixed-point.ts';
import type { Ticker } from '../values/names.ts';
import { averageOf, FLAT, type Holding } from './holding.ts';

export interface FirmPosition extends Holding {
  readonly ticker: Ticker;
  /** Undefined when flat, and where accounts hold both sides: a net of two costs is nobody's price. */
  readonly averagePrice: Price | undefined;
  /** The mark the core last sampled. */
  readonly mark: Price;
}

/** Every instrument held, and flat ones with what they earned, in the order of listing. */
export function positionsOf(state: State): readonly FirmPosition[] {
  const accounts = [...state.accounts.values()];
  const positions: FirmPosition[] = [];
  for (const { ticker, slot } of state.instruments.values()) {
    const held = accounts.map(({ holdings }) => holdings.at(slot));
    const holding = held.reduce(sum, FLAT);
    if (holding.units === 0n && holding.cost === 0n && holding.realised === 0n) continue;
    const mark = state.firm.markAt(slot);
    const averagePrice = isOneSided(held) ? averageOf(holding) : undefined;
    positions.push({ ticker, ...holding, averagePrice, mark });
  }
  return positions;
}

const isOneSided = (held: readonly Holding[]): boolean =>
  held.every(({ units }) => units >= 0n) || held.every(({ units }) => units <= 0n);

const sum = (a: Holding, b: Holding): Holding => ({
  units: a.units + b.units,
  cost: (a.cost + b.cost) as Product,
  realised: (a.realised + b.realised) as Product,
});
