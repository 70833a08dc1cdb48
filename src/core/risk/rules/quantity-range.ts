/** Refuses an order whose quantity would carry the instrument beyond what the risk tables can count. */
import { UNITS_MAX } from '../risk-group.ts';
import type { LimitRule } from './limit.ts';

/** 46 billion units either way: no limit that is set sensibly lets an order come this far. */
export const quantityRange: LimitRule = ({ order, ownUnits, reservePrice }) => {
  if (ownUnits + order.quantity < UNITS_MAX) return undefined;
  return { rule: 'QUANTITY_RANGE', observed: undefined, limit: undefined, reference: reservePrice };
};
