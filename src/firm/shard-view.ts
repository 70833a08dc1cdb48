/** What one shard looks like from outside at a position of its journal: limits, exposures, what is held. */
import type { FirmPosition } from '../core/positions/book.ts';
import type { Limits } from '../core/risk/limits.ts';
import type { RiskMetrics } from '../core/risk/metrics.ts';
import type { Micros, Position } from '../core/values/names.ts';

export interface ShardView {
  readonly shard: string;
  /** All facts up to here are in it. */
  readonly position: Position;
  /** When it was drawn. */
  readonly at: Micros;
  /** Venues are reconciled and orders may come. */
  readonly isOpen: boolean;
  readonly limits: Limits;
  readonly metrics: RiskMetrics;
  readonly positions: readonly FirmPosition[];
}
