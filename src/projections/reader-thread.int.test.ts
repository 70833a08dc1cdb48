/** The projector in a thread of its own, as the platform runs it: woken, cut off, stopped, and found dead. */
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import type { Position } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import type { CommittedBatch } from '../journal/entry.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { reached } from './progress.ts';
import type { Manners } from './projector.ts';
import { ReaderThread, type ReaderThreadOptions } from './reader-thread.ts';
import { rebuild } from './rebuild.ts';
import { JournalWriter } from './testing/journal-writing.ts';
import { type Act, batchesOf, Trading } from './testing/trading.ts';

const acts: Act[] = Array.from({ length: 1_200 }, (_, n) =>
  n % 2 === 0
    ? { kind: 'place', side: n % 3 === 0 ? 'SELL' : 'BUY', units: 1 + (n % 50), cents: 10_000 }
    : { kind: 'fill', pick: n, share: 1 + (n % 3), cents: 9_990 + (n % 20) },
);
const batches = batchesOf(new Trading().act(...acts).entries, 5);
const end = batches.at(-1)?.lastPosition ?? (0 as Position);
const half = Math.floor(batches.length / 2);
const middle = batches[half - 1]?.lastPosition ?? (0 as Position);

let url: string;
let pool: pg.Pool;
let journal: PostgresJournal;
let writer: JournalWriter;
let thread: ReaderThread<Partial<Manners>> | undefined;
let shards = 0;
let shard: string;

beforeAll(async () => {
  url = await freshSchema();
  pool = openPool(url);
});
afterAll(() => pool.end());

beforeEach(async () => {
  await pool.query('truncate events, orders, executions, positions, order_counts, projection_positions');
  shard = `thread-${++shards}`;
  journal = new PostgresJournal({ url, pool: () => pool }, shard);
  writer = new JournalWriter(journal, shard);
});
afterEach(async () => {
  await thread?.stop();
  await journal.close();
});

function start(options: Partial<ReaderThreadOptions<Partial<Manners>>> = {}): ReaderThread<Partial<Manners>> {
  const entry = new URL('../main/projector-entry.ts', import.meta.url);
  const own = { factsMax: 50, retryMs: 5 };
  thread = new ReaderThread({ name: 'projector', entry, url, shard, own, ...options });
  thread.start();
  return thread;
}

const write = async (written: readonly CommittedBatch[]): Promise<void> => await writer.write(written);
const isProven = async (): Promise<boolean> =>
  (await rebuild({ url, pool, sources: [{ shard, journal }], apply: false })).equal;

test('a poke is enough, and the lag says what is left', async () => {
  await write(batches.slice(0, half));
  const projector = start({ own: { pollMs: 60_000 } });
  expect(await reached(projector, middle, 20_000)).toBe(true);
  await write(batches.slice(half));
  projector.poke(end);
  expect(projector.lag).toBe(end - middle);
  expect(await reached(projector, end, 20_000)).toBe(true);
  expect(projector.lag).toBe(0);
  expect(await isProven()).toBe(true);
});

test('one that has nothing to do says where it stands, and until then nobody says that it is behind', async () => {
  await write(batches);
  const first = start();
  expect(await reached(first, end, 20_000)).toBe(true);
  await first.stop();
  const second = start();
  second.poke(end);
  expect(second.lag).toBeUndefined();
  await expect.poll(() => second.lag, { timeout: 20_000 }).toBe(0);
  expect(second.position).toBe(end);
});

test('stopped in mid-way and started again, it goes on where its rows end', async () => {
  await write(batches);
  const first = start();
  expect(await reached(first, middle, 20_000)).toBe(true);
  await first.stop();
  expect(first.isAlive).toBe(false);
  expect(await reached(start(), end, 20_000)).toBe(true);
  expect(await isProven()).toBe(true);
});

test('cut off from the database, it says so, tries again and goes on', async () => {
  await write(batches);
  const locker = await pool.connect();
  onTestFinished(() => locker.release());
  await locker.query('begin');
  await locker.query('lock table events in access exclusive mode'); // so that it is in the midst of its work
  const troubles: string[] = [];
  const projector = start({ onTrouble: ({ code }) => troubles.push(code) });
  const cut = async (): Promise<number> => {
    const { rowCount } = await pool.query(
      "select pg_terminate_backend(pid) from pg_locks where relation = 'events'::regclass and not granted",
    );
    return rowCount ?? 0;
  };
  await expect.poll(cut, { timeout: 20_000 }).toBeGreaterThan(0);
  await expect.poll(() => troubles.length, { timeout: 20_000 }).toBeGreaterThan(0);
  await locker.query('rollback');
  projector.poke(end);
  expect(await reached(projector, end, 30_000)).toBe(true);
  expect(projector.trouble).toBeUndefined();
  expect(await isProven()).toBe(true);
});

test('a journal that does not read as it was written ends the thread, and its owner hears why', async () => {
  await write(batches.slice(0, 3));
  await pool.query('alter table journal disable trigger journal_is_append_only');
  await pool.query("update journal set body = '\\x00' where shard = $1 and first_position > 1", [shard]);
  await pool.query('alter table journal enable trigger journal_is_append_only');
  const { promise, resolve } = Promise.withResolvers<Error>();
  const projector = start({ onDeath: resolve });
  expect((await promise).message).toContain('the journal does not read as it was written');
  expect(projector.isAlive).toBe(false);
});
