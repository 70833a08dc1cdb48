/** The firm's risk in a few figures, as the v1 contract shows it. */
import type { State } from '../state.ts';
import { magnitudeOf, type Product } from '../values/fixed-point.ts';

/** Amounts undivided (1e-16), at the last sampled marks. */
export interface RiskMetrics {
  /** What is held, shorts against longs. */
  readonly netExposure: Product;
  /** What is held, shorts and longs together. */
  readonly grossExposure: Product;
  /** Executed today plus working. */
  readonly dailyVolume: Product;
  /** Instruments held. */
  readonly totalPositions: number;
  /** The largest single holding's magnitude. */
  readonly largestPosition: Product;
  readonly isKillSwitchEngaged: boolean;
}

/** Walks every instrument that was ever traded. */
export function riskMetricsOf(state: State): RiskMetrics {
  const { firm } = state;
  let totalPositions = 0;
  let largest = 0n;
  for (const { position, mark } of firm.exposures()) {
    if (position === 0n) continue;
    totalPositions++;
    const value = magnitudeOf(position * mark);
    if (value > largest) largest = value;
  }
  const { net, gross } = firm.used();
  return {
    netExposure: net,
    grossExposure: gross,
    dailyVolume: firm.volume as Product,
    totalPositions,
    largestPosition: largest as Product,
    isKillSwitchEngaged: state.isKillSwitchEngaged,
  };
}
