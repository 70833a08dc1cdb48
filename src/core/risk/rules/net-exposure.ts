/** Refuses an order that could bring net exposure, long or short, over its limit at worst. */
import { type LimitRule, within } from './limit.ts';

export const netExposure: LimitRule = (proposal) => {
  const { group, groupEnd, value } = proposal;
  const observed = groupEnd + value;
  const { ceilings, limits } = group;
  return within('NET_EXPOSURE_LIMIT', observed, ceilings.netExposureMax, limits.netExposureMax, proposal);
};
