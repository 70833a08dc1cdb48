/** One embedded PostgreSQL for a whole test run, in a folder that goes with it; `test/schema.ts` hands out schemas. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../src/database/database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's own PostgreSQL, as a superuser. Use a schema of your own in it. */
    postgresUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-test-'));
  const database = await openDatabase({ dataDir: folder, exclusive: false });
  project.provide('postgresUrl', database.url);
  return async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
}
