/** The journal and the snapshots on real PostgreSQL: the contracts, and what only a database can get wrong. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshSchema, schemaOf } from '../../test/schema.ts';
import type { Position } from '../core/values/names.ts';
import { openPool, type PoolOptions } from '../database/pool.ts';
import { EMPTY, headAfter } from './chain.ts';
import { Claimant } from './claimant.ts';
import { checkFormats } from './format-check.ts';
import { aBatch, journalContract, rowsOf } from './journal.contract.ts';
import { PostgresJournal } from './postgres.ts';
import { aSnapshot, snapshotsContract } from './snapshots.contract.ts';
import { PostgresSnapshots } from './snapshots-postgres.ts';

/** Its writers carry a name of their own, so that this file cuts no other's. */
const APPLICATION = `journal-test-${randomUUID().slice(0, 8)}`;

let url: string;
let admin: pg.Client;
const pools: pg.Pool[] = [];
const journals: PostgresJournal[] = [];

beforeAll(async () => {
  url = await freshSchema();
  admin = new pg.Client({ connectionString: url });
  await admin.connect();
});
afterAll(async () => {
  await Promise.all(journals.map((journal) => journal.close()));
  await Promise.all(pools.map((pool) => pool.end()));
  await admin.end();
});

function pool(options?: PoolOptions): pg.Pool {
  const opened = openPool(url, { ...options, connectionsMax: 2 });
  pools.push(opened);
  return opened;
}
function open(shard: string): PostgresJournal {
  const named = `${url}&application_name=${APPLICATION}`;
  const journal = new PostgresJournal({ url: named, pool }, shard);
  journals.push(journal);
  return journal;
}

test('a shard that a newer program has written is not owned, and its epoch stays', async () => {
  const shard = `newer-${randomUUID()}`;
  await open(shard).claim();
  await admin.query('update shards set format = 99 where shard = $1', [shard]);
  await expect(open(shard).claim()).rejects.toMatchObject({ code: 'JOURNAL_NEWER' });
  const { rows } = await admin.query('select epoch, format from shards where shard = $1', [shard]);
  expect(rows).toEqual([{ epoch: '1', format: 99 }]);
  const older = randomUUID();
  await open(older).claim();
  await checkFormats(admin, [older, 'none']);
  const refusal = { code: 'JOURNAL_NEWER', detail: `${shard}; run the newer program here too` };
  await expect(checkFormats(admin, [older, shard])).rejects.toMatchObject(refusal);
});

test('whoever tries again renews its own claim, and takes nothing back from a successor', async () => {
  const shard = randomUUID();
  const claimant = new Claimant();
  const attempt = (): PostgresJournal => {
    const journal = new PostgresJournal({ url, pool }, shard, { claimant });
    journals.push(journal);
    return journal;
  };
  const { epoch } = await attempt().claim();
  expect((await attempt().claim()).epoch).toBe(epoch + 1);
  const successor = await open(shard).claim();
  await expect(attempt().claim()).rejects.toMatchObject({ code: 'JOURNAL_CONFLICT' });
  const { rows } = await admin.query('select epoch from shards where shard = $1', [shard]);
  expect(rows).toEqual([{ epoch: String(successor.epoch) }]);
});

journalContract('the journal in PostgreSQL', async () => {
  const shard = randomUUID();
  return { shard, open: async () => open(shard) };
});
snapshotsContract('snapshots in PostgreSQL', async () => new PostgresSnapshots(pool(), randomUUID()));

async function started() {
  const shard = `it's ${randomUUID()}`;
  const journal = open(shard);
  const { epoch, head } = await journal.claim();
  const first = aBatch(shard, epoch, head);
  await journal.append(first);
  return { shard, journal, epoch, first, head: headAfter(first) };
}

test('the database refuses what would break the chain, whoever asks', async () => {
  const { shard, epoch, first, head, journal } = await started();
  const second = aBatch(shard, epoch, head);
  await journal.append(second);
  const insert = async (position: number, previous: Buffer | null, hash = Buffer.alloc(32, 7)) =>
    await admin.query(
      `insert into journal (shard, first_position, count, epoch, recorded_at, previous_hash, hash, body)
       values ($1, $2, 2, 1, 0, $3, $4, '')`,
      [shard, position, previous, hash],
    );
  await expect(insert(3, first.hash)).rejects.toMatchObject({ code: '23505' }); // a fork
  await expect(insert(7, second.hash)).rejects.toMatchObject({ code: '23503' }); // a gap
  await expect(insert(5, first.hash)).rejects.toMatchObject({ code: '23503' }); // a false link
  await expect(insert(1, null)).rejects.toMatchObject({ code: '23505' }); // a second genesis
  await expect(insert(5, null)).rejects.toMatchObject({ code: '23514' }); // a genesis in the middle
});

test.each(['update journal set epoch = 9', 'delete from journal', 'truncate journal'])(
  'rows stand for ever: %s is refused',
  async (statement) => {
    await started();
    await expect(admin.query(statement)).rejects.toThrow('append-only');
  },
);

test('a row is not deleted from the middle even by a superuser who has switched the trigger off', async () => {
  const { shard, journal, epoch, head } = await started();
  await journal.append(aBatch(shard, epoch, head));
  await admin.query('begin');
  await admin.query('alter table journal disable trigger journal_is_append_only');
  await expect(
    admin.query('delete from journal where shard = $1 and first_position = 1', [shard]),
  ).rejects.toMatchObject({ code: '23503' });
  await admin.query('rollback');
});

test('two writers of one epoch cannot both append: one row, one conflict', async () => {
  const { shard, journal, epoch, head } = await started();
  const other = open(shard);
  const claim = await other.claim();
  await admin.query('update shards set epoch = $2 where shard = $1', [shard, epoch]); // as if both had got it
  expect(claim.head).toEqual(head);
  const outcomes = await Promise.allSettled([
    journal.append(aBatch(shard, epoch, head, 'one')),
    other.append(aBatch(shard, epoch, head, 'other')),
  ]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await rowsOf(journal)).toHaveLength(2);
});

test('a writer whose connection is cut is unavailable until it claims again', async () => {
  const { shard, journal, epoch, head } = await started();
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
    APPLICATION,
  ]);
  const batch = aBatch(shard, epoch, head);
  await expect(journal.append(batch)).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
  await expect(journal.append(batch)).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
  const claim = await journal.claim();
  expect(claim.head).toEqual(head);
  await journal.append(aBatch(shard, claim.epoch, claim.head));
});

test('no PostgreSQL at all is JOURNAL_UNAVAILABLE, for writers and readers', async () => {
  const nowhere = 'postgres://nobody@127.0.0.1:1/none';
  const nowherePool = openPool(nowhere);
  pools.push(nowherePool);
  const journal = new PostgresJournal({ url: nowhere, pool: () => nowherePool }, 'main');
  const unavailable = { code: 'JOURNAL_UNAVAILABLE' };
  await expect(journal.claim()).rejects.toMatchObject(unavailable);
  await expect(journal.append(aBatch('main', 1, EMPTY))).rejects.toMatchObject(unavailable);
  await expect(journal.head()).rejects.toMatchObject(unavailable);
  await expect(rowsOf(journal, 0 as Position)).rejects.toMatchObject(unavailable);
});

test('a server whose fsync is off gets no row: it could lose what it confirmed', async () => {
  const schema = schemaOf(url);
  await admin.query(
    `create function ${schema}.current_setting(name text) returns text language sql as $$ select 'off' $$`,
  );
  const lying = new URL(url);
  lying.searchParams.set('options', `-c search_path=${schema},pg_catalog`); // our function is found first
  const journal = new PostgresJournal({ url: lying.href.replaceAll('+', '%20'), pool }, randomUUID());
  await expect(journal.claim()).rejects.toMatchObject({ code: 'DATABASE_UNSAFE' });
  await admin.query(`drop function ${schema}.current_setting`);
});

test('a damaged snapshot is passed over for the one before it, and only two are kept', async () => {
  const shard = randomUUID();
  const snapshots = new PostgresSnapshots(pool(), shard);
  for (const position of [10, 20, 30]) await snapshots.save(aSnapshot(position));
  const kept = await admin.query<{ position: string }>('select position from snapshots where shard = $1', [
    shard,
  ]);
  expect(kept.rows.map(({ position }) => position).sort()).toEqual(['20', '30']);
  await admin.query(`update snapshot_pieces set body = '\\x00' where shard = $1 and position = 30`, [shard]);
  expect(await snapshots.latest()).toEqual(aSnapshot(20));
});
