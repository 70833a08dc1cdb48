/** What can be traded: its name, and the steps in which its prices and quantities move. */
import type { Price, Quantity } from '../values/fixed-point.ts';
import type { Ticker } from '../values/names.ts';

/** The currency that limits and P&L are kept in. An instrument in another one cannot be listed yet. */
export const BASE_CURRENCY = 'USD';

export interface Instrument {
  readonly ticker: Ticker;
  /** ISO 4217 code of the prices. */
  readonly currency: string;
  /** Prices are whole multiples of this. Positive. */
  readonly tickSize: Price;
  /** Quantities are whole multiples of this. Positive. */
  readonly lotSize: Quantity;
}

/** An instrument's place in the tables that are kept by instrument: it counts them in the order of listing. */
export type Slot = number;

/** An instrument and its place. */
export interface Listing extends Instrument {
  readonly slot: Slot;
}

const known = new Map<bigint, bigint>();

/**
 * The same number, as the one copy that all instruments share which have that step. Every order reads its steps: ten
 * thousand copies of a cent would each have to be fetched from memory, one stays near the processor.
 */
export function shared<Step extends bigint>(step: Step): Step {
  const first = known.get(step) ?? step;
  known.set(first, first);
  return first as Step;
}

/** Is `price` a whole number of ticks? */
export const isOnTick = (instrument: Instrument, price: Price): boolean => price % instrument.tickSize === 0n;

/** Is `quantity` a whole number of lots? */
export const isOnLot = (instrument: Instrument, quantity: Quantity): boolean =>
  quantity % instrument.lotSize === 0n;
