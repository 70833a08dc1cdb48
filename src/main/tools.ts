/** The adapters that the operator's tools work with, picked as for the platform itself. */
import type { Users } from '../access/users.ts';
import { PostgresUsers } from '../access/users-postgres.ts';
import type { BackupSource, RestoreTarget } from '../backup/source.ts';
import { PostgresBackupSource } from '../backup/source-postgres.ts';
import { PostgresRestoreTarget } from '../backup/target-postgres.ts';
import type { Database } from '../database/database.ts';
import { asFault } from '../database/outage.ts';
import type { Journal, Snapshots } from '../journal/journal.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { PostgresSnapshots } from '../journal/snapshots-postgres.ts';
import { VERSION } from './version.ts';

/** As much of a database as an adapter needs: a scratch schema of one has it too. */
export type Connections = Pick<Database, 'url' | 'pool'>;

export const journalIn = (database: Connections, shard: string): Journal =>
  new PostgresJournal(database, shard);

/** Every shard that has a journal there, whatever the settings of today say. */
export async function shardsThere(database: Connections): Promise<readonly string[]> {
  const pool = database.pool({ connectionsMax: 1, applicationName: 'itirp shards' });
  try {
    const { rows } = await pool.query<{ shard: string }>('select shard from shards order by shard');
    return rows.map(({ shard }) => shard);
  } catch (error) {
    throw asFault(error);
  }
}

/** As the platform's own: a snapshot's body is one long statement. */
export const snapshotsIn = (database: Connections, shard: string): Snapshots =>
  new PostgresSnapshots(
    database.pool({ connectionsMax: 1, statementTimeoutMs: 0, applicationName: 'itirp verify' }),
    shard,
  );

/** All of them, also those that do not read: a start then folds the journal. */
export async function forgetSnapshots(database: Connections, shard: string): Promise<void> {
  const pool = database.pool({ connectionsMax: 1, applicationName: 'itirp rebuild' });
  await pool.query('delete from snapshots where shard = $1', [shard]);
}

export const usersIn = (database: Database): Users =>
  new PostgresUsers(database.pool({ connectionsMax: 1, applicationName: 'itirp user' }));

/** One connection, for as long as it takes. */
export const backupSourceIn = (database: Connections): BackupSource =>
  new PostgresBackupSource(
    database.pool({
      connectionsMax: 1,
      statementTimeoutMs: 0,
      idleInTransactionMs: 0,
      applicationName: 'itirp backup',
    }),
    VERSION,
  );

/** `schema`: made where it is missing; undefined: the database's own. */
export const restoreTargetAt = (url: string, schema?: string): RestoreTarget =>
  new PostgresRestoreTarget({ url, ...(schema === undefined ? {} : { schema }) });
