/** How much a risk group may hold and trade; the v1 contract's limits, in the base currency. */
import { type Notional, notional } from '../values/fixed-point.ts';

export interface Limits {
  /** The most that one instrument's worst-case position may be worth. */
  readonly positionMax: Notional;
  /** The most that may be executed or working in a trading day. */
  readonly dailyVolumeMax: Notional;
  /** The most that longs may outweigh shorts, or shorts longs. */
  readonly netExposureMax: Notional;
  /** The most that longs and shorts may be worth together. */
  readonly grossExposureMax: Notional;
}

/** The v1 contract's defaults. */
export const DEFAULT_LIMITS: Limits = {
  positionMax: notional('1000000'),
  dailyVolumeMax: notional('10000000'),
  netExposureMax: notional('5000000'),
  grossExposureMax: notional('15000000'),
};

/** Do both allow the same? */
export const areSameLimits = (one: Limits, other: Limits): boolean =>
  one.positionMax === other.positionMax &&
  one.dailyVolumeMax === other.dailyVolumeMax &&
  one.netExposureMax === other.netExposureMax &&
  one.grossExposureMax === other.grossExposureMax;
