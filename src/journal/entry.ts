/** What one command brought about, sealed with when, who, from where and why. */
import type { Event } from '../core/events.ts';
import type { CorrelationId, Micros, Position, UserId } from '../core/values/names.ts';

/** Who asks, from where, and why: every entry in the journal carries it. */
export interface Attribution {
  readonly user: UserId;
  /** A client's address, `system`, or `venue:NAME`. */
  readonly origin: string;
  readonly correlationId: CorrelationId;
  readonly reason: string | undefined;
  /** The span it is asked under, where that is traced. Known while it is under way: no fact carries it. */
  readonly span?: string | undefined;
  /** When its door first heard of it, where a door did: whatever may come too late counts from here. No fact carries it. */
  readonly askedAt?: Micros | undefined;
}

export interface Entry extends Omit<Attribution, 'span' | 'askedAt'> {
  /** UTC microseconds, stamped once by the sequencer; never runs backwards within a shard. */
  readonly at: Micros;
  /** At least one. */
  readonly events: readonly Event[];
}

/** Entries in the order they were decided; `firstPosition` is that of the first event of the first entry. */
export interface CommittedBatch {
  readonly firstPosition: Position;
  readonly lastPosition: Position;
  readonly entries: readonly Entry[];
}

/** A command's facts, safe on disk. */
export interface Committed {
  readonly at: Micros;
  /** Position of the last of `events`; where there are none, of the last fact before them. */
  readonly position: Position;
  readonly events: readonly Event[];
}

/** How far a shard has taken in the bus that its commands come over. */
export interface SourceMark {
  /** Cluster, topic and partition, as `CLUSTER/itirp.commands/0`: offsets of another one say nothing. */
  readonly source: string;
  /** Of the next command to take in: all before it are decided. */
  readonly offset: bigint;
}

/** Within one source, what was taken in once is never taken in again: is `next` before what `last` says? */
export const isFallen = (next: SourceMark | undefined, last: SourceMark | undefined): boolean =>
  next !== undefined && next.source === last?.source && next.offset < last.offset;
