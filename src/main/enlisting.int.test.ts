/** A node that is led to another deployment's database leaves it as it is. */
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { freshDatabase } from '../../test/schema.ts';
import { joinDeployment } from '../database/deployment.ts';
import { migrate } from '../database/migrations.ts';
import { openPool } from '../database/pool.ts';
import { silentLog } from '../telemetry/log.ts';
import { loadConfig } from './load-config.ts';
import { enlist } from './write-path.ts';

const MIGRATIONS = fileURLToPath(new URL('../database/migrations', import.meta.url));

/** The migrations of an earlier release: the first `count`. */
async function earlier(count: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-earlier-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = (await readdir(MIGRATIONS)).sort().slice(0, count);
  for (const file of files) await cp(join(MIGRATIONS, file), join(folder, file));
  return folder;
}

const siteOf = (environment: Record<string, string>) => ({
  config: loadConfig({ ENVIRONMENT: 'demo', ...environment }),
  log: silentLog(),
});

async function anOlderDatabase(count: number) {
  const url = await freshDatabase();
  const pool = openPool(url, { connectionsMax: 2 });
  await migrate(url, { folder: await earlier(count) });
  const database = { url, pool: () => pool };
  const applied = async (): Promise<number> => (await pool.query('select from migration_sums')).rowCount ?? 0;
  onTestFinished(() => pool.end());
  return { pool, database, applied };
}

test.each([
  ['of another name', { DEPLOYMENT: 'south' }, undefined],
  ['on another bus', { DEPLOYMENT: 'north' }, 'C2'],
])('a node %s is refused before it has migrated anything', async (_title, environment, cluster) => {
  const { pool, database, applied } = await anOlderDatabase(12);
  await joinDeployment(pool, { name: 'north', bus: { cluster: 'C1', shards: ['main'] } });
  await expect(enlist(siteOf(environment), database, cluster)).rejects.toMatchObject({
    code: 'DEPLOYMENT_MIXED',
  });
  expect(await applied()).toBe(12);
  await enlist(siteOf({ DEPLOYMENT: 'north' }), database, 'C1');
  expect(await applied()).toBeGreaterThan(12);
});

test.each([0, 6, 7])(
  'a database of %i migrations, which knows no deployment yet, becomes ours',
  async (count) => {
    const { pool, database } = await anOlderDatabase(count);
    await enlist(siteOf({ DEPLOYMENT: 'south' }), database, undefined);
    expect((await pool.query('select name from deployment')).rows).toEqual([{ name: 'south' }]);
  },
);
