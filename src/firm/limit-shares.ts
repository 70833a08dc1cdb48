/** The firm's limits dealt out to its shards: equal shares, so that all together can never come to more. */
import type { Limits } from '../core/risk/limits.ts';
import { assert } from '../core/values/assert.ts';
import type { Notional } from '../core/values/fixed-point.ts';

/** The share of the shard at `index` of `count`. Exact to 1e-8; what does not divide goes to the first. */
export function shareOf(limits: Limits, index: number, count: number): Limits {
  assert(index >= 0 && index < count, 'a share is one of as many as there are shards');
  return eachLimit((name) => {
    const whole = limits[name];
    const part = whole / BigInt(count);
    return index === 0 ? whole - part * BigInt(count - 1) : part;
  });
}

/** What the shares come to together. */
export const sumOfLimits = (shares: readonly Limits[]): Limits =>
  eachLimit((name) => shares.reduce((sum, share) => sum + share[name], 0n));

const eachLimit = (pick: (name: keyof Limits) => bigint): Limits => ({
  positionMax: pick('positionMax') as Notional,
  dailyVolumeMax: pick('dailyVolumeMax') as Notional,
  netExposureMax: pick('netExposureMax') as Notional,
  grossExposureMax: pick('grossExposureMax') as Notional,
});
