/** Reads that may lag, on a real streaming standby: near, far behind, paused, gone, back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Pair } from '../../test/standby.ts';
import { type Database, openDatabase } from './database.ts';
import { openPool } from './pool.ts';
import type { ReplicaReads } from './replica.ts';

let pair: Pair;
let database: Database;
let reads: ReplicaReads;

beforeAll(async () => {
  pair = await Pair.start();
  const [url, replicaUrl] = [pair.url(0), pair.url(1)];
  database = await openDatabase({ dataDir: 'unused', url, replicaUrl, exclusive: false, shares: true });
  reads = database.replica({ connectionsMax: 2 });
});
afterAll(async () => {
  await database.close();
  await pair.end();
});

/** Is the answer a standby's? */
async function isLagging(): Promise<boolean | undefined> {
  const { rows } = await reads.query<{ is: boolean }>({ text: 'select pg_is_in_recovery() as is' });
  return rows[0]?.is;
}
const soon = { timeout: 15_000, interval: 50 };

test('a standby that is near answers', async () => {
  await expect.poll(isLagging, soon).toBe(true);
  expect(reads.lagMs).toBeLessThan(5_000);
});

test('one that does not replay falls behind, and is left until it has caught up', async () => {
  const standby = database.replica({ connectionsMax: 1 });
  await expect.poll(() => standby.lagMs, soon).toBeLessThan(5_000);
  await standby.pool.query('select pg_wal_replay_pause()');
  await database.pool().query('create table told (n int)');
  await expect.poll(isLagging, { timeout: 30_000, interval: 200 }).toBe(false);
  await resume();
  await expect.poll(isLagging, soon).toBe(true);
});

test('when it dies in the middle, the primary answers the very statement', async () => {
  await pair.kill(1);
  expect(await isLagging()).toBe(false);
  await pair.run(1);
  await expect.poll(isLagging, soon).toBe(true);
});

test('several hosts are no replica', async () => {
  const replicaUrl = pair.bothUrl;
  const opened = openDatabase({ dataDir: 'unused', url: pair.url(0), replicaUrl, exclusive: false });
  await expect(opened).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

/** A standby takes this statement, too: it writes nothing. */
async function resume(): Promise<void> {
  const pool = openPool(pair.url(1), { connectionsMax: 1 });
  await pool.query('select pg_wal_replay_resume()');
  await pool.end();
}
