/** Where a backup comes from and goes back to: a database as of one moment, and an empty one. */

import type { PartLabel, Preface, Rows } from './archive.ts';
import type { Dump } from './archive-writer.ts';

export interface BackupSource {
  /**
   * Runs `work` on everything there is, as of one moment, while the writers go on.
   * @throws Fault DATABASE_UNAVAILABLE, JOURNAL_CORRUPT: a broken journal is not kept over a good backup
   */
  dumping<Result>(work: (dump: Dump) => Promise<Result>): Promise<Result>;
}

/** Takes a backup in. Nothing of it is there before `commit`. */
export interface RestoreTarget {
  /** @throws Fault ARGUMENT_INVALID: it is not empty; MIGRATION_UNKNOWN: a newer program made the backup */
  open(preface: Preface): Promise<void>;
  begin(part: PartLabel): Promise<void>;
  rows(rows: Rows): Promise<void>;
  end(): Promise<void>;
  commit(): Promise<void>;
  /** Takes back whatever was not committed. Never rejects. */
  abort(): Promise<void>;
}
