/** A real PostgreSQL of the benchmark's own: embedded, fsync on, in a folder that goes with it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrations.ts';
import { onLeave } from './leaving.ts';

export interface BenchDatabase {
  readonly database: Database;
  readonly folder: string;
}

/** Lends `work` a migrated database, and takes it away again, whatever happens. */
export async function withDatabase<T>(work: (lent: BenchDatabase) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-bench-'));
  const database = await openDatabase({ dataDir: folder, exclusive: false });
  const takeAway = async (): Promise<void> => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
  const callOff = onLeave(takeAway);
  try {
    await migrate(database.url);
    return await work({ database, folder });
  } finally {
    callOff();
    await takeAway();
  }
}
