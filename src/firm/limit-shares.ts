/** The firm's limits dealt out to its shards: equal shares, so that all together can never come to more. */
import type { Limits } from '../core/risk/limits.ts';
import { assert } from '../core/values/assert.ts';
import type { Notional } from '../core/values/fixed-point.ts';

const NAMES = ['positionMax', 'dailyVolumeMax', 'netExposureMax', 'grossExposureMax'] as const;

/** The share of the shard at `index` of `count`. Exact to 1e-8; what does not divide goes to the first. */
export function shareOf(limits: Limits, index: number, count: number): Limits {
  assert(index >= 0 && index < count, 'a share is one of as many as there are shards');
  return eachLimit((name) => {
    const whole = limits[name];
    const part = whole / BigInt(count);
    return index === 0 ? whole - part * BigInt(count - 1) : part;
  });
}

/** What a shard has that the firm's limits were not dealt to. */
export const NO_LIMITS: Limits = eachLimit(() => 0n);

const lowerOf = (one: Limits, other: Limits): Limits =>
  eachLimit((name) => (one[name] < other[name] ? one[name] : other[name]));

/** How the firm's limits come to each shard. */
export interface Deal {
  readonly shares: ReadonlyMap<string, Limits>;
  /** What each has of both, its share and what it has now: to be set first, so that nothing is given before it is taken. */
  readonly lowered: ReadonlyMap<string, Limits>;
  /** Is something taken from one shard and given to another? */
  readonly isShift: boolean;
}

/** `now`: every shard of the firm and its limits, in order. */
export function dealOf(
  limits: Limits,
  now: readonly { readonly shard: string; readonly limits: Limits }[],
): Deal {
  const each = now.map(({ shard, limits: has }, index) => {
    const share = shareOf(limits, index, now.length);
    return { shard, has, share, lowered: lowerOf(share, has) };
  });
  const isShift = NAMES.some(
    (name) =>
      each.some(({ has, share }) => share[name] > has[name]) &&
      each.some(({ has, share }) => share[name] < has[name]),
  );
  return {
    shares: new Map(each.map(({ shard, share }) => [shard, share])),
    lowered: new Map(each.map(({ shard, lowered }) => [shard, lowered])),
    isShift,
  };
}

/** What the shares come to together. */
export const sumOfLimits = (shares: readonly Limits[]): Limits =>
  eachLimit((name) => shares.reduce((sum, share) => sum + share[name], 0n));

function eachLimit(pick: (name: keyof Limits) => bigint): Limits {
  return {
    positionMax: pick('positionMax') as Notional,
    dailyVolumeMax: pick('dailyVolumeMax') as Notional,
    netExposureMax: pick('netExposureMax') as Notional,
    grossExposureMax: pick('grossExposureMax') as Notional,
  };
}
