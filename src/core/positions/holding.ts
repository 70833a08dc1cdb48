/** What an account holds of one instrument, what it cost, and the profit realised so far. */
import type { Side } from '../orders/order.ts';
import { assert } from '../values/assert.ts';
import {
  averagePrice,
  divideHalfEven,
  magnitudeOf,
  type Price,
  type Product,
  productOf,
  type Quantity,
} from '../values/fixed-point.ts';

export interface Holding {
  /** Signed, in 1e-8 units: long is positive. */
  readonly units: bigint;
  /** What the open units cost, signed as they are: the average price is cost / units. */
  readonly cost: Product;
  /** Profit of everything closed so far. `realised - cost` is the cash that came in less what went out, exactly. */
  readonly realised: Product;
}

export const FLAT: Holding = { units: 0n, cost: 0n as Product, realised: 0n as Product };

/** One fill as its closing and its opening leg; a fill through zero has both. */
export interface Settlement {
  readonly holding: Holding;
  readonly closed: Quantity;
  readonly opened: Quantity;
  /** What the closing leg earned; negative for a loss. */
  readonly realised: Product;
}

/**
 * The holding after `quantity` changed hands for `paid` in all, by average cost: the closing leg takes its share
 * of the cost out (rounded half to even in 1e-16), the opening leg puts its own in.
 */
export function settle(holding: Holding, side: Side, quantity: Quantity, paid: Product): Settlement {
  assert(quantity > 0n, 'a fill has a quantity');
  const isBuy = side === 'BUY';
  const { units: held, cost, realised } = holding;
  const units = isBuy ? held + quantity : held - quantity;
  if (held === 0n || held > 0n === isBuy) {
    const added = { units, cost: (isBuy ? cost + paid : cost - paid) as Product, realised };
    return { holding: added, closed: 0n as Quantity, opened: quantity, realised: 0n as Product };
  }

  const size = isBuy ? -held : held;
  const closed = quantity < size ? quantity : (size as Quantity);
  const opened = (quantity - closed) as Quantity;
  const costOut = closed === size ? cost : divideHalfEven(cost * closed, size);
  const paidOut = opened === 0n ? paid : (divideHalfEven(paid * closed, quantity) as Product);
  const paidIn = paid - paidOut;
  const earned = ((isBuy ? -paidOut : paidOut) - costOut) as Product;
  return {
    holding: {
      units,
      cost: (cost - costOut + (isBuy ? paidIn : -paidIn)) as Product,
      realised: (realised + earned) as Product,
    },
    closed,
    opened,
    realised: earned,
  };
}

/** Average price of what is open, rounded half to even; undefined when flat. */
export function averageOf(holding: Holding): Price | undefined {
  if (holding.units === 0n) return undefined;
  const isLong = holding.units > 0n;
  const cost = (isLong ? holding.cost : -holding.cost) as Product;
  return averagePrice(cost, magnitudeOf(holding.units) as Quantity);
}

/** What the open units would earn if closed at `mark`; exact. */
export const unrealisedOf = (holding: Holding, mark: Price): Product =>
  (productOf(mark, holding.units) - holding.cost) as Product;
