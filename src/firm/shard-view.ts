/** What one shard looks like from outside at a position of its journal: limits, exposures, what is held. */
import { type FirmPosition, positionsOf } from '../core/positions/book.ts';
import type { Limits } from '../core/risk/limits.ts';
import { type RiskMetrics, riskMetricsOf } from '../core/risk/metrics.ts';
import type { State } from '../core/state.ts';
import type { Micros, Position } from '../core/values/names.ts';

export interface ShardView {
  readonly shard: string;
  /** Of the writer that drew it: one that was replaced may still speak, and is not believed any more. */
  readonly epoch: number;
  /** All facts up to here are in it. */
  readonly position: Position;
  /** When it was drawn, or last found to be still true. */
  readonly at: Micros;
  /** Venues are reconciled and orders may come. */
  readonly isOpen: boolean;
  readonly limits: Limits;
  readonly metrics: RiskMetrics;
  readonly positions: readonly FirmPosition[];
}

/** What may be asked of a shard's limits. */
export interface LimitsView {
  readonly shard: string;
  readonly at: Micros;
  readonly limits: Limits;
  readonly isKillSwitchEngaged: boolean;
}

/** The part of a view that the state alone tells. */
export type Drawing = Pick<ShardView, 'isOpen' | 'limits' | 'metrics' | 'positions'>;

export const drawingOf = (state: State): Drawing => ({
  isOpen: state.isOpen,
  limits: state.firm.limits,
  metrics: riskMetricsOf(state),
  positions: positionsOf(state),
});

/** Does `one` tell more than `other`? A later writer before a further position before a later look. */
export function isNewer(one: ShardView, other: ShardView | undefined): boolean {
  if (other === undefined) return true;
  if (one.epoch !== other.epoch) return one.epoch > other.epoch;
  return one.position === other.position ? one.at > other.at : one.position > other.position;
}
