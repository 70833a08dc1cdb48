/** What a sequencer is made of, and the bounds it keeps. */
import type { Position } from '../core/values/names.ts';
import type { Journal, Snapshots } from '../journal/journal.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Clock } from './clock.ts';
import type { BatchLimits } from './pipeline.ts';
import type { Moment } from './tenure.ts';

/** One group commit, for those who count. */
export interface Commit {
  readonly commands: number;
  readonly events: number;
  /** Of the row's body. */
  readonly bytes: number;
  /** From the append's call to its answer. */
  readonly seconds: number;
}

/** For those who measure, in seconds. Where nobody does, no clock is read. */
export interface Timings {
  /** From a command's coming into the queue to its turn. */
  waited(seconds: number): void;
  /** One command decided, and its facts folded into the state. */
  decided(seconds: number): void;
}

export interface SequencerOptions {
  readonly shard: string;
  readonly journal: Journal;
  /** Undefined: none are read or made, and every start folds from zero. */
  readonly snapshots: Snapshots | undefined;
  readonly clock: Clock;
  /** A bug, or another writer: the process must end. Called once; the sequencer has stopped by then. */
  readonly onFatal: (error: unknown) => void;
  /** Orders that may wait to be decided; cancels, the house, logins and questions have as many places each. */
  readonly waitingMax?: number;
  readonly batch?: Partial<BatchLimits>;
  /** Between two attempts to recover: doubled from the first to the most. */
  readonly backoffMs?: { readonly first: number; readonly most: number };
  /** For how long ago the shard was proved to be ours. Default: the machine's. */
  readonly moment?: () => Moment;
  /** Undefined: no command is traced. */
  readonly tracing?: Tracing | undefined;
  readonly onCommit?: (commit: Commit) => void;
  /** Hears of every command: it must be quick. */
  readonly timings?: Timings;
  /** How far a recovery has folded, after each row. */
  readonly onProgress?: (position: Position) => void;
  /** What a person should hear of, though the work goes on: a lost journal, a snapshot that does not read. */
  readonly onWarning?: (says: string, cause?: unknown) => void;
}

export const WAITING_MAX = 16_384;
export const BATCH: BatchLimits = { eventsMax: 8192, bytesMax: 4 * 1024 * 1024, appendTimeoutMs: 15_000 };
export const BACKOFF_MS = { first: 100, most: 5000 };
