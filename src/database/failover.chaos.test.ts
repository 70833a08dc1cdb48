/** PostgreSQL fails over under us: every connection finds the promoted server, and none ever goes back to the old one. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Pair } from '../../test/standby.ts';
import type { Micros } from '../core/values/names.ts';
import { sealAfter } from '../journal/chain.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { type Database, openDatabase } from './database.ts';
import { Leadership } from './leadership.ts';
import { migrate } from './migrations.ts';
import { openClient, openPool } from './pool.ts';

const WORKER = new URL('../../test/connecting-worker.ts', import.meta.url);

let pair: Pair;
let pool: pg.Pool;
/** What a server holds through it all: its tenancy, and the lead of a job. */
let database: Database;
let leadership: Leadership;
const displaced: string[] = [];
const told: string[] = [];

beforeAll(async () => {
  pair = await Pair.start();
  pool = openPool(pair.bothUrl, { connectionsMax: 2, connectTimeoutMs: 4_000 });
  database = await openDatabase({
    dataDir: 'unused',
    url: pair.bothUrl,
    exclusive: true,
    onDisplaced: (fault) => displaced.push(fault.code),
  });
  await migrate(database.url);
  leadership = new Leadership({ url: pair.bothUrl });
  leadership.lead(
    'projector',
    'main',
    () => told.push('led'),
    () => told.push('lost'),
  );
});
afterAll(async () => {
  await leadership.close();
  await database.close();
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
  await expect.poll(() => told, { timeout: 10_000 }).toEqual(['led']);
  await pair.kill(0);
  expect(await settled(pool.query('select 1'))).toBeInstanceOf(Error);
  await expect.poll(() => told, { timeout: 10_000 }).toEqual(['led', 'lost']);
  await pair.promote(1);
  await expect.poll(() => settled(portOf()), { timeout: 10_000 }).toBe(portIn(pair.url(1)));
});

test('tenancy and leadership come along: the server is in possession again, and another one is refused', async () => {
  await expect.poll(() => database.trouble, { timeout: 10_000 }).toBeUndefined();
  await expect.poll(() => told, { timeout: 10_000 }).toEqual(['led', 'lost', 'led']);
  const second = openDatabase({ dataDir: 'unused', url: pair.url(1), exclusive: true });
  await expect(second).rejects.toMatchObject({ code: 'DATABASE_IN_USE' });
  expect(displaced).toEqual([]);
});

test('a writer goes on where it ended, with rows that both servers have', async () => {
  const journal = new PostgresJournal(database, 'main');
  const { epoch, head } = await journal.claim();
  const content = { shard: 'main', count: 1, epoch, recordedAt: 1 as Micros, source: undefined };
  await journal.append(sealAfter(head, { ...content, body: Buffer.from('row') }));
  expect(await journal.head()).toMatchObject({ position: 1 });
  await journal.close();
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
  // A thread that is started now knows what the process knows.
  const [heard] = await once(new Worker(WORKER, { workerData: { url: pair.bothUrl } }), 'message');
  expect(heard).toContain('only an old primary answers (timeline 1)');
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
