/** Refuses an order that could bring the day's volume, executed and working together, over the daily limit. */
import { type LimitRule, within } from './limit.ts';

export const dailyVolume: LimitRule = (proposal) => {
  const { group, value } = proposal;
  const observed = group.executedVolume + group.workingVolume + value;
  return within('DAILY_VOLUME_LIMIT', observed, group.limits.dailyVolumeMax, proposal);
};
