/** The bound that a market order carries, so that its worst case is known and an empty book cannot ruin it. */
import type { Side } from '../orders/order.ts';
import type { Price } from '../values/fixed-point.ts';

/** How far from the mark a market order may trade, in ten-thousandths. */
const PROTECTION_BASIS_POINTS = 500n;
const BASIS = 10_000n;

/** 5 % beyond `mark`, rounded away from it to a whole tick; a sell's bound is at least one tick. */
export function marketProtection(side: Side, mark: Price, tickSize: Price): Price {
  if (side === 'BUY') {
    const bound = mark * (BASIS + PROTECTION_BASIS_POINTS);
    const ticks = (bound + BASIS * tickSize - 1n) / (BASIS * tickSize);
    return (ticks * tickSize) as Price;
  }
  const ticks = (mark * (BASIS - PROTECTION_BASIS_POINTS)) / (BASIS * tickSize);
  return ((ticks > 0n ? ticks : 1n) * tickSize) as Price;
}
