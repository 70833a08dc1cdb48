/** How busy pools are, by name, as their own connections and askers make it. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { type PoolUse, poolUse } from './pool-use.ts';

let database: Database;
beforeAll(async () => {
  database = await openDatabase({ dataDir: 'unused', url: inject('postgresUrl'), exclusive: false });
});
afterAll(() => database.close());

const useOf = (name: string): PoolUse | undefined =>
  poolUse(database.pools).find(({ pool }) => pool === name);

test('a pool shows what is lent, what is at hand, and who waits', async () => {
  const pool = database.pool({ applicationName: 'itirp read models', connectionsMax: 2 });
  const name = 'read_models';
  expect(useOf(name)).toEqual({ pool: name, busy: 0, idle: 0, waiting: 0, max: 2 });
  const lent = [await pool.connect(), await pool.connect()];
  const third = pool.connect();
  expect(useOf(name)).toEqual({ pool: name, busy: 2, idle: 0, waiting: 1, max: 2 });
  lent[0]?.release();
  (await third).release();
  expect(useOf(name)).toEqual({ pool: name, busy: 1, idle: 1, waiting: 0, max: 2 });
  lent[1]?.release();
});

test('pools of one name are added up, one that has ended is gone, and one without a name is the house’s', async () => {
  const [first, second] = [3, 4].map((connectionsMax) =>
    database.pool({ applicationName: 'itirp snapshots', connectionsMax }),
  );
  expect(useOf('snapshots')?.max).toBe(7);
  await first?.end();
  expect(useOf('snapshots')?.max).toBe(4);
  await second?.end();
  expect(useOf('snapshots')).toBeUndefined();
  database.pool({ connectionsMax: 1 });
  expect(useOf('itirp')?.max).toBe(1);
});
