/** The store in PostgreSQL keeps to the contract; its heads are the journals', its metrics a series over time. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import type { AccountId, Micros, Position } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import { firmStoreContract } from './firm-store.contract.ts';
import { PostgresFirmStore } from './firm-store-postgres.ts';
import { ShardAssignments } from './shard-assignments.ts';
import { sampleView } from './testing/any-view.ts';

/** Of this file's connections alone: other files deal at the same time. */
const applicationName = `deals-test-${randomUUID().slice(0, 8)}`;

let pool: pg.Pool;
beforeAll(async () => {
  pool = openPool(await freshSchema(), { connectionsMax: 4, applicationName });
});
afterAll(() => pool.end());

async function emptied(): Promise<PostgresFirmStore> {
  await pool.query('truncate shard_assignments, shard_views, shard_listings, risk_metrics, shards cascade');
  return new PostgresFirmStore(pool);
}

firmStoreContract(emptied);

test('limits are dealt out on one node at a time, and by another when the first one loses its connection', async () => {
  const [one, other] = [await emptied(), new PostgresFirmStore(pool)];
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = one.dealAlone(() => promise);
  const holders = `select pid from pg_stat_activity where application_name = '${applicationName}'
    and query like '%try_advisory%itirp deals%' and pid <> pg_backend_pid()`;
  await expect.poll(async () => (await pool.query(holders)).rowCount).toBe(1);
  const [holder] = (await pool.query<{ readonly pid: number }>(holders)).rows;
  await expect(other.dealAlone(async () => 'dealt', 1)).rejects.toMatchObject({ code: 'LIMITS_BUSY' });
  await pool.query('select pg_terminate_backend($1)', [holder?.pid]);
  expect(await other.dealAlone(async () => 'dealt')).toBe('dealt');
  resolve();
  await first; // what it did is done, and its connection is dropped
  expect(await one.dealAlone(async () => 'dealt')).toBe('dealt');
});

test('heads are where the journals end', async () => {
  const store = await emptied();
  await pool.query(
    "insert into shards (shard, head_position, head_hash) values ('east', 7, sha256('x')), ('west', 0, null)",
  );
  expect(await store.heads(['east', 'west', 'north'])).toEqual(
    new Map([
      ['east', 7],
      ['west', 0],
    ]),
  ); // prettier-ignore
});

test('the shards are those of the deployment that have begun, in its order', async () => {
  const store = await emptied();
  expect(await store.shards()).toEqual([]);
  await pool.query(
    "insert into deployment (name, cluster, shards) values ('north', 'C1', array['west', 'east', 'north'])",
  );
  await pool.query(
    `insert into shards (shard, head_position, head_hash)
     values ('east', 7, sha256('x')), ('west', 1, sha256('x')), ('north', 0, null), ('stranger', 3, sha256('x'))`,
  );
  expect(await store.shards()).toEqual(['west', 'east']);
});

test('metrics are told as a series, each instant once, and only where they are new', async () => {
  const store = await emptied();
  const view = { ...sampleView('east'), epoch: 1 };
  for (const [at, isTold] of [
    [1, true],
    [2, false],
    [3, true],
    [3, true],
  ] as const) {
    // prettier-ignore
    await store.keep({ ...view, at: (at * 1_000_000) as Micros, position: at as Position }, isTold);
  }
  const { rows } = await pool.query('select shard, position, total_positions from risk_metrics order by at');
  expect(rows).toEqual([
    { shard: 'east', position: 1n, total_positions: 3 },
    { shard: 'east', position: 3n, total_positions: 3 },
  ]);
});

test('two nodes that meet an account at once give it one shard, and a third that starts later knows it', async () => {
  const store = await emptied();
  const shards = ['east', 'west', 'north'];
  const nodes = [new ShardAssignments(store, shards), new ShardAssignments(store, shards.toReversed())];
  const accounts = Array.from({ length: 40 }, (_, index) => `ACCOUNT-${index}` as AccountId);
  const [one, other] = await Promise.all(
    nodes.map((node) => Promise.all(accounts.map(async (account) => await node.shardOf(account)))),
  );
  expect(other).toEqual(one);
  expect(new Set(one).size).toBe(3);
  const third = new ShardAssignments(store, shards);
  await third.start();
  expect(accounts.map((account) => third.shardOf(account))).toEqual(one);
});

test('an account whose shard is not of this deployment is refused, now and when asked again', async () => {
  const store = await emptied();
  await store.assign('A' as AccountId, 'gone');
  const assignments = new ShardAssignments(store, ['east']);
  await expect(assignments.shardOf('A' as AccountId)).rejects.toMatchObject({ code: 'SHARD_UNKNOWN' });
  expect(() => assignments.shardOf('A' as AccountId)).toThrow('gone, where the account A is kept');
});
