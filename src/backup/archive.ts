/** What a backup holds: the words of its format, version 1. docs/operations/backup.md tells them to people. */

/** Raised when the records change their shape. A program reads its own format and all older ones. */
export const FORMAT = 1;

export interface AppliedMigration {
  readonly name: string;
  readonly sha256: string;
}

/** Where a shard's journal ended when the backup was taken. */
export interface ShardHead {
  readonly shard: string;
  readonly position: number;
  /** Hexadecimal; null while the journal is empty. */
  readonly hash: string | null;
  readonly epoch: number;
  /** When the newest row was recorded, in UTC microseconds; null while the journal is empty. */
  readonly recordedAt: number | null;
}

/** A state that is in the backup. */
export interface KeptSnapshot {
  readonly shard: string;
  readonly position: number;
  /** Both hexadecimal. */
  readonly headHash: string;
  readonly stateHash: string;
}

/** What stands first: everything that a reader must know before the rows come. */
export interface Preface {
  readonly format: number;
  /** Version of the program that made it. */
  readonly program: string;
  /** ISO 8601, UTC: when the transaction began that all rows are of. */
  readonly takenAt: string;
  readonly database: {
    readonly version: string;
    readonly systemIdentifier: string;
    /** Where the write-ahead log was. */
    readonly lsn: string;
  };
  /** The schema: every migration in order. */
  readonly migrations: readonly AppliedMigration[];
  readonly heads: readonly ShardHead[];
  readonly snapshots: readonly KeptSnapshot[];
}

export interface Column {
  readonly name: string;
  /** As PostgreSQL names it: `bigint`, `timestamp with time zone`. */
  readonly type: string;
}

/** The rows of one table; of the journal, those of one shard. */
export interface PartLabel {
  readonly table: string;
  /** Null: the whole table. */
  readonly shard: string | null;
  readonly columns: readonly Column[];
}

export interface PartEnd {
  readonly rows: number;
  readonly bytes: number;
  /** Hexadecimal, over the bytes of its rows. */
  readonly sha256: string;
}

/** What stands last: all that must have come before it. */
export interface Manifest extends Preface {
  /** ISO 8601, UTC. */
  readonly endedAt: string;
  readonly parts: readonly (PartLabel & PartEnd)[];
}

export const nameOfPart = ({ table, shard }: PartLabel): string =>
  shard === null ? table : `${table} of ${shard}`;

/** The records in the order they stand: preface, then for each part its label, rows and end, and the manifest. */
export type ArchiveRecord =
  | { readonly kind: 'preface'; readonly preface: Preface }
  | { readonly kind: 'part'; readonly part: PartLabel }
  | { readonly kind: 'rows'; readonly rows: Rows }
  | { readonly kind: 'end'; readonly end: PartEnd }
  | { readonly kind: 'manifest'; readonly manifest: Manifest };

/** Whole rows as PostgreSQL's binary COPY writes them, without its header and trailer. */
export interface Rows {
  readonly count: number;
  readonly bytes: Buffer;
}
