/** The append-only record of every fact. One writer a shard; any number of readers, who never block it. */
import type { Micros, Position } from '../core/values/names.ts';
import type { SourceMark } from './entry.ts';

/** One row: everything that one group commit holds, chained to the row before it. */
export interface SealedBatch {
  readonly shard: string;
  /** Position of the batch's first event; the rows of a shard have no gap. */
  readonly firstPosition: Position;
  /** How many events it holds; at least one. */
  readonly count: number;
  /** The writer's epoch: never falls from row to row. */
  readonly epoch: number;
  readonly recordedAt: Micros;
  /** The hash of the row before; undefined for the first of the shard. */
  readonly previousHash: Buffer | undefined;
  /** SHA-256 over the header and the body (chain.ts says how). */
  readonly hash: Buffer;
  readonly body: Buffer;
  /** How far the bus is taken in once this row is; undefined where no command of it came over one. */
  readonly source?: SourceMark | undefined;
}

/** Where a shard's journal ends. */
export interface Head {
  readonly position: Position;
  /** Undefined while the journal is empty. */
  readonly hash: Buffer | undefined;
}

export interface Claim {
  readonly epoch: number;
  readonly head: Head;
  /** The newest that a row of the shard names. */
  readonly source?: SourceMark | undefined;
}

export interface Journal {
  /**
   * Makes the caller the shard's one writer: raises the epoch, so that every earlier writer's append is refused.
   * The first claim takes the shard from whoever has it; a later one only renews, so that a writer that was cut off
   * does not take the shard back from its successor.
   * @throws Fault JOURNAL_CONFLICT: it was the caller's, and another writer has claimed it since
   * @throws Fault JOURNAL_NEWER: a program that writes a newer format has owned the shard; nothing was raised
   * @throws Fault JOURNAL_UNAVAILABLE
   */
  claim(): Promise<Claim>;
  /**
   * Appends the batch as one row, or nothing. The store itself checks epoch, position, chain, and that what was taken in
   * from the bus is not taken in again.
   * @throws Fault JOURNAL_CONFLICT: epoch or position is no longer current, so another writer lives and this one must stop
   * @throws Fault JOURNAL_UNAVAILABLE: it is not known whether the row was written; claim and read before going on
   */
  append(batch: SealedBatch): Promise<void>;
  /**
   * Makes sure that the caller's claim still stands, as an append would, and appends nothing.
   * @throws Fault JOURNAL_CONFLICT: another writer has claimed the shard since
   * @throws Fault JOURNAL_UNAVAILABLE: it is not known; claim and read before going on
   */
  confirm(): Promise<void>;
  /** Every row that holds a position after `after`, in order. Ends at the last one committed. */
  read(after: Position): AsyncIterable<SealedBatch>;
  /** @throws Fault JOURNAL_UNAVAILABLE */
  head(): Promise<Head>;
  /** Position of the last fact whose row was recorded before `time`; 0: none was. @throws Fault JOURNAL_UNAVAILABLE */
  positionBefore(time: Micros): Promise<Position>;
}

/** A state as of a position, kept so that a start need not fold the whole journal. It may be lost at any time. */
export interface Snapshot extends SnapshotLabel {
  readonly body: Buffer;
}

/** What a snapshot claims to be. */
export interface SnapshotLabel {
  readonly position: Position;
  /** Hash of the journal's row that ends at `position`: which chain it is a state of. */
  readonly headHash: Buffer;
  /** SHA-256 of the body: the state hash that every node must arrive at. */
  readonly stateHash: Buffer;
  /** Of the state's form, which the hash goes by; undefined: whoever wrote it did not say. */
  readonly stateVersion?: number | undefined;
}

export interface Snapshots {
  /** The newest whose body still matches its hash; undefined where there is none. */
  latest(): Promise<Snapshot | undefined>;
  /** All there are, whatever they are worth, oldest first. */
  kept(): Promise<readonly SnapshotLabel[]>;
  /** The body kept at `position` as it is, even a changed one; undefined where none can be read back. */
  body(position: Position): Promise<Buffer | undefined>;
  /** Keeps `snapshot` and the one before it; older ones go. */
  save(snapshot: Snapshot): Promise<void>;
}
