/** The adapters that the operator's tools work with, picked as for the platform itself. */
import type { Users } from '../access/users.ts';
import { PostgresUsers } from '../access/users-postgres.ts';
import type { Database } from '../database/database.ts';
import type { Journal, Snapshots } from '../journal/journal.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { PostgresSnapshots } from '../journal/snapshots-postgres.ts';

export const journalIn = (database: Database, shard: string): Journal => new PostgresJournal(database, shard);

/** As the platform's own: a snapshot's body is one long statement. */
export const snapshotsIn = (database: Database, shard: string): Snapshots =>
  new PostgresSnapshots(
    database.pool({ connectionsMax: 1, statementTimeoutMs: 0, applicationName: 'itirp verify' }),
    shard,
  );

export const usersIn = (database: Database): Users =>
  new PostgresUsers(database.pool({ connectionsMax: 1, applicationName: 'itirp user' }));
