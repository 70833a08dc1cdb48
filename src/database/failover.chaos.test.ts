/** PostgreSQL fails over under us: every connection finds the promoted server, and none ever goes back to the old one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Pair } from '../../test/standby.ts';
import { openClient, openPool } from './pool.ts';

let pair: Pair;
let pool: pg.Pool;

beforeAll(async () => {
  pair = await Pair.start();
  pool = openPool(pair.bothUrl, { connectionsMax: 2, connectTimeoutMs: 4_000 });
});
afterAll(async () => {
  await pool.end();
  await pair.end();
});

const portOf = async (asked: Pick<pg.Pool, 'query'> = pool): Promise<string> => {
  const { rows } = await asked.query<{ port: string }>("select current_setting('port') as port");
  return rows[0]?.port ?? '';
};
const settled = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
const portIn = (url: string): string => new URL(url).port;

test('of a primary and a standby, the primary is found, in whatever order they are named', async () => {
  const [one, other] = [pair.url(0), pair.url(1)];
  const turned = openPool(
    one.replace(/@.*/, `@127.0.0.1:${portIn(other)},127.0.0.1:${portIn(one)}/postgres`),
  );
  expect(await portOf()).toBe(portIn(one));
  expect(await portOf(turned)).toBe(portIn(one));
  await turned.end();
});

test('a primary that is set to refuse writes is none', async () => {
  await pool.query('alter system set default_transaction_read_only = on');
  await pool.query('select pg_reload_conf()');
  const fresh = async (): Promise<unknown> => {
    const client = openClient(pair.bothUrl);
    const outcome = await settled(client.connect());
    await client.end();
    return outcome;
  };
  await expect.poll(fresh, { timeout: 5_000 }).toMatchObject({ code: 'DATABASE_READ_ONLY' });
  const admin = openClient(pair.url(0));
  await admin.connect();
  await admin.query('set transaction_read_only = off');
  await admin.query('alter system reset default_transaction_read_only');
  await admin.query('select pg_reload_conf()');
  await admin.end();
  await expect.poll(fresh, { timeout: 5_000 }).toBeUndefined();
});

test('when the primary dies and the standby is promoted, the same pool goes on there', async () => {
  await pair.kill(0);
  expect(await settled(pool.query('select 1'))).toBeInstanceOf(Error);
  await pair.promote(1);
  await expect.poll(() => settled(portOf()), { timeout: 10_000 }).toBe(portIn(pair.url(1)));
});

test('the old primary, back and writable, is not chosen: neither beside the promoted one nor without it', async () => {
  await pair.run(0); // not made a standby: it believes that it is the primary
  const client = openClient(pair.bothUrl);
  await client.connect();
  expect(await portOf(client)).toBe(portIn(pair.url(1)));
  await client.end();

  await pair.kill(1);
  const refused = openClient(pair.bothUrl);
  refused.on('error', () => {});
  await sleep(1_100); // what was found a moment ago is believed for a second
  expect(await settled(refused.connect())).toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
    detail: expect.stringContaining('only an old primary answers (timeline 1)'),
  });
  await pair.run(1);
  await expect.poll(() => settled(portOf()), { timeout: 10_000 }).toBe(portIn(pair.url(1)));
});

test('a connection that leads to an old primary which lives on is cut once another one is promoted', async () => {
  await pair.kill(0);
  await pair.follow(0);
  const client = openClient(pair.bothUrl);
  const ended = new Promise<void>((resolve) => {
    client.once('end', resolve);
  });
  client.on('error', () => {});
  await client.connect();
  expect(await portOf(client)).toBe(portIn(pair.url(1)));
  await pair.promote(0); // and server 1 still takes writes
  await ended;
  await expect.poll(() => settled(portOf()), { timeout: 10_000 }).toBe(portIn(pair.url(0)));
});
