/** Refuses an order that could bring net exposure, long or short, over its limit at worst. */
import { type LimitRule, within } from './limit.ts';

export const netExposure: LimitRule = (proposal) => {
  const { order, group, groupUpmost, groupDownmost, value } = proposal;
  const observed = order.side === 'BUY' ? groupUpmost + value : value - groupDownmost;
  const { ceilings, limits } = group;
  return within('NET_EXPOSURE_LIMIT', observed, ceilings.netExposureMax, limits.netExposureMax, proposal);
};
