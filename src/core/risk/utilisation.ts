/** How much of each limit is taken, working orders counted at their worst: what the rules weigh, without an order. */
import type { RiskGroup } from './risk-group.ts';

/** In 1e-16, as the rules compare them. */
export interface Use {
  readonly worst: bigint;
  readonly limit: bigint;
}

export interface Utilisation {
  /** Of the instrument that comes nearest to it. */
  readonly position: Use;
  readonly dailyVolume: Use;
  readonly netExposure: Use;
  readonly grossExposure: Use;
}

/** Walks every instrument that was ever traded. */
export function utilisationOf(group: RiskGroup): Utilisation {
  const { positionMax, dailyVolumeMax, netExposureMax, grossExposureMax } = group.ceilings;
  let position = 0n;
  for (const { mark, position: held, buying, selling } of group.exposures()) {
    position = greater(position, mark * greater(held + buying, selling - held));
  }
  return {
    position: { worst: position, limit: positionMax },
    dailyVolume: { worst: group.volume, limit: dailyVolumeMax },
    netExposure: { worst: greater(group.upmost, -group.downmost), limit: netExposureMax },
    grossExposure: { worst: group.worst, limit: grossExposureMax },
  };
}

const greater = (one: bigint, other: bigint): bigint => (one > other ? one : other);
