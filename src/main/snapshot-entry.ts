/** The snapshot's thread: reads the journal beside the writer, keeps what the state has come to, and ends. */
import { workerData } from 'node:worker_threads';
import { openPool } from '../database/pool.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { PostgresSnapshots } from '../journal/snapshots-postgres.ts';
import { makeSnapshot } from '../sequencer/snapshotter.ts';

export interface SnapshotTask {
  /** Holds the password: never log it. */
  readonly url: string;
  readonly shard: string;
}

const { url, shard } = workerData as SnapshotTask;
/** A fold of a long journal is one long statement. */
const pool = openPool(url, { applicationName: 'itirp snapshot', connectionsMax: 2, statementTimeoutMs: 0 });
try {
  const journal = new PostgresJournal({ url, pool: () => pool }, shard);
  await makeSnapshot(journal, new PostgresSnapshots(pool, shard));
} finally {
  await pool.end();
}
