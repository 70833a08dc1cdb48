/** Refuses an order that could bring the day's volume, executed and working together, over the daily limit. */
import { type LimitRule, within } from './limit.ts';

export const dailyVolume: LimitRule = (proposal) => {
  const { group, value } = proposal;
  const observed = group.volume + value;
  const { ceilings, limits } = group;
  return within('DAILY_VOLUME_LIMIT', observed, ceilings.dailyVolumeMax, limits.dailyVolumeMax, proposal);
};
