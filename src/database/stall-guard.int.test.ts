/** An answer that was lost on the way does not keep anybody waiting for ever; one that takes its time is waited for. */
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { SwallowingProxy } from '../../test/swallowing-proxy.ts';
import { asFault, isOutage } from './outage.ts';
import { openPool } from './pool.ts';
import { guardAgainstStalls } from './stall-guard.ts';

let proxy: SwallowingProxy;
let url: string;
let pool: pg.Pool;

beforeEach(async () => {
  const { hostname, port } = new URL(inject('postgresUrl'));
  proxy = await SwallowingProxy.to(hostname, Number(port));
  url = Object.assign(new URL(inject('postgresUrl')), { port: String(proxy.port) }).href;
  pool = openPool(url, { connectionsMax: 1, stallMs: 150, statementTimeoutMs: 0 });
});
afterEach(async () => {
  await pool.end();
  await proxy.close();
});

test('a long statement is left alone', async () => {
  const { rows } = await pool.query("select 'done' as says from pg_sleep(1)");
  expect(rows).toEqual([{ says: 'done' }]);
});

test('a transaction that is held for long without a statement is left alone', async () => {
  const client = await pool.connect();
  await client.query('begin');
  await new Promise((resolve) => setTimeout(resolve, 600));
  await client.query('commit');
  client.release();
});

test('a statement that never arrived is an outage, and the pool goes on', async () => {
  await pool.query('select 1');
  proxy.swallow();
  const error: unknown = await pool.query('select 1').catch((reason: unknown) => reason);
  expect(isOutage(error)).toBe(true);
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('an answer that was lost is an outage', async () => {
  const lost = pool.query('select pg_sleep(0.3)');
  setTimeout(() => proxy.swallow(), 100);
  const error: unknown = await lost.catch((reason: unknown) => reason);
  expect(isOutage(error)).toBe(true);
});

test('what the server would have ended long ago is an outage, whatever it says of the process', async () => {
  const own = new pg.Pool({ connectionString: url, max: 1 });
  own.on('error', () => {});
  own.on('connect', (client) => client.on('error', () => {}));
  guardAgainstStalls(own, { stallMs: 50, silenceMsMax: 300 }, async () => true); // its number is another's now
  await own.query('select 1');
  proxy.swallow();
  const error: unknown = await own.query('select 1').catch((reason: unknown) => reason);
  expect(asFault(error)).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  await own.end();
});
