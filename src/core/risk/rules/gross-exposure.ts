/** Refuses an order that could bring gross exposure, each instrument at its worse end, over its limit. */
import { worstOf } from '../risk-group.ts';
import { type LimitRule, within } from './limit.ts';

export const grossExposure: LimitRule = (proposal) => {
  const { order, group, upmost, downmost, groupWorst, value } = proposal;
  const before = worstOf(upmost, downmost);
  const after = order.side === 'BUY' ? worstOf(upmost + value, downmost) : worstOf(upmost, downmost - value);
  if (after <= before) return undefined; // over perhaps, but not because of this order: never lock a desk in
  const observed = groupWorst - before + after;
  const { ceilings, limits } = group;
  return within(
    'GROSS_EXPOSURE_LIMIT',
    observed,
    ceilings.grossExposureMax,
    limits.grossExposureMax,
    proposal,
  );
};
