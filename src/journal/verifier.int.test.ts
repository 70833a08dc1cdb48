/** Every way to tamper with the rows, on real PostgreSQL as a superuser: the verifier names the first bad position. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import type { Micros, Position } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import { EMPTY, hashOf, headAfter, sealAfter } from './chain.ts';
import { encodeEntries } from './codec.ts';
import { aBatch, anEntry, rowsOf } from './journal.contract.ts';
import type { SealedBatch } from './journal.ts';
import { MemoryJournal } from './memory.ts';
import { PostgresJournal } from './postgres.ts';
import { type Progress, verify } from './verifier.ts';

let admin: pg.Client;
let pool: pg.Pool;
let url: string;

beforeAll(async () => {
  url = await freshSchema();
  admin = new pg.Client({ connectionString: url });
  await admin.connect();
  pool = openPool(url);
  // What a determined superuser would do first.
  await admin.query(`
    alter table journal disable trigger all;
    alter table journal drop constraint journal_shard_position_before_previous_hash_fkey;
    alter table journal drop constraint journal_pkey;
    alter table journal drop constraint journal_check;
    alter table journal drop constraint journal_count_check`);
});
afterAll(async () => {
  await pool.end();
  await admin.end();
});

/** Five rows of two events each: positions 1-2, 3-4, 5-6, 7-8, 9-10. */
async function written() {
  const shard = randomUUID();
  const journal = new PostgresJournal({ url, pool: () => pool }, shard);
  const claim = await journal.claim();
  let { head } = claim;
  const rows: SealedBatch[] = [];
  for (let i = 0; i < 5; i += 1) {
    const batch = aBatch(shard, claim.epoch, head, `row ${i}`);
    await journal.append(batch);
    rows.push(batch);
    head = headAfter(batch);
  }
  await journal.close();
  const tamper = (statement: string, ...values: unknown[]) =>
    admin.query(statement.replaceAll('SHARD', `shard = '${shard}'`), values);
  return { shard, journal, rows, head, tamper };
}

test('a journal that nobody touched is sound, and its end is told', async () => {
  const { journal, head } = await written();
  expect(await verify(journal)).toEqual({ isSound: true, batches: 5, events: 10, head });
});

test('what was taken in from the bus twice is found, also past a row that names no source', async () => {
  const journal = new MemoryJournal();
  const { epoch } = await journal.claim();
  const rows: SealedBatch[] = [];
  for (const offset of [7n, undefined, 6n]) {
    const head = rows.reduce((_, row) => headAfter(row), EMPTY);
    const source = offset === undefined ? undefined : { source: 'cluster/itirp.commands/0', offset };
    rows.push(sealAfter(head, { ...aBatch('s', epoch, head), source }));
  }
  const end = rows.reduce((_, row) => headAfter(row), EMPTY);
  const copied = {
    head: async () => end,
    async *read(after: Position) {
      yield* rows.filter((row) => row.firstPosition > after);
    },
  };
  expect(await verify(copied)).toEqual({ isSound: false, position: 5, wrong: 'the source offset falls' });
});

test('an empty journal is sound', async () => {
  const journal = new PostgresJournal({ url, pool: () => pool }, randomUUID());
  expect(await verify(journal)).toEqual({ isSound: true, batches: 0, events: 0, head: EMPTY });
});

describe('it finds', () => {
  const SEALED = 'the hash is not that of the row';
  test.each([
    [
      'a changed body',
      `update journal set body = set_byte(body, 9, 255) where SHARD and first_position = 5`,
      5,
      SEALED,
    ],
    ['a changed hash', `update journal set hash = sha256('x') where SHARD and first_position = 5`, 5, SEALED],
    [
      'a changed time',
      `update journal set recorded_at = recorded_at + 1 where SHARD and first_position = 5`,
      5,
      SEALED,
    ],
    ['a changed epoch', `update journal set epoch = epoch + 1 where SHARD and first_position = 5`, 5, SEALED],
    ['a changed count', `update journal set count = 1 where SHARD and first_position = 5`, 5, SEALED],
    [
      'a changed link',
      `update journal set previous_hash = sha256('x') where SHARD and first_position = 5`,
      5,
      'not chained to the one before',
    ],
    [
      'a row cut out of the middle',
      'delete from journal where SHARD and first_position = 5',
      5,
      'positions 5 to 6 are missing',
    ],
    [
      'a missing genesis',
      'delete from journal where SHARD and first_position = 1',
      1,
      'positions 1 to 2 are missing',
    ],
    [
      'a cut tail',
      'delete from journal where SHARD and first_position >= 7',
      7,
      'positions 7 to 10 are missing at the end',
    ],
    ['everything gone', 'delete from journal where SHARD', 1, 'positions 1 to 10 are missing at the end'],
    [
      'a row moved to another position',
      'update journal set first_position = 6 where SHARD and first_position = 5',
      5,
      'positions 5 to 5 are missing',
    ],
    [
      'a row twice',
      `insert into journal (shard, first_position, count, epoch, recorded_at, previous_hash, hash, body)
       select shard, first_position, count, epoch, recorded_at, previous_hash, sha256('x'), body
       from journal where SHARD and first_position = 5`,
      5,
      'a second row holds position 5',
    ],
    [
      'a head that was set back',
      `update shards set head_position = 6 where SHARD`,
      7,
      'the rows go on to 10, but the head of the shard says 6',
    ],
    [
      'a head with another hash',
      `update shards set head_hash = sha256('x') where SHARD`,
      10,
      'the head of the shard has another hash',
    ],
  ])('%s', async (_, statement, position, wrong) => {
    const { journal, tamper } = await written();
    await tamper(statement);
    expect(await verify(journal)).toEqual({
      isSound: false,
      position,
      wrong: expect.stringContaining(wrong),
    });
  });

  test('two neighbours exchanged', async () => {
    const { journal, tamper, rows } = await written();
    const [, second, third] = rows;
    const put = 'update journal set body = $2, hash = $3 where SHARD and first_position = $1';
    await tamper(put, second?.firstPosition, third?.body, sha(1));
    await tamper(put, third?.firstPosition, second?.body, third?.hash);
    expect(await verify(journal)).toMatchObject({ isSound: false, position: 3 });
  });
});

const sha = (byte: number): Buffer => Buffer.alloc(32, byte);

describe('of rows that were sealed anew, hash by hash, it still finds', () => {
  /** A journal in memory, where a forger may write what a database would refuse. */
  async function forged(change: (rows: SealedBatch[]) => void) {
    const { journal, rows } = await written();
    expect(await rowsOf(journal)).toEqual(rows);
    change(rows);
    for (const [i, row] of rows.entries()) {
      const unsealed = { ...row, previousHash: rows[i - 1]?.hash };
      rows[i] = { ...unsealed, hash: hashOf(unsealed) };
    }
    const last = rows.at(-1);
    return {
      read: async function* () {
        yield* rows;
      },
      head: async () => (last === undefined ? EMPTY : headAfter(last)),
    };
  }
  const replace = (rows: SealedBatch[], i: number, part: Partial<SealedBatch>) => {
    const row = rows[i];
    if (row !== undefined) rows[i] = { ...row, ...part };
  };

  test('an epoch that falls', async () => {
    const journal = await forged((rows) => replace(rows, 1, { epoch: 9 }));
    expect(await verify(journal)).toEqual({
      isSound: false,
      position: 5,
      wrong: 'the epoch falls from 9 to 1',
    });
  });

  test('time that runs backwards, from row to row and within one', async () => {
    const earlier = await forged((rows) => replace(rows, 2, { recordedAt: 1 as Micros }));
    expect(await verify(earlier)).toMatchObject({
      position: 5,
      wrong: expect.stringContaining('time runs backwards'),
    });
    const body = encodeEntries([anEntry('late'), { ...anEntry('early'), at: 1 as Micros }]);
    const inside = await forged((rows) => {
      rows.splice(4);
      replace(rows, 3, { body, count: 4 });
    });
    expect(await verify(inside)).toMatchObject({
      position: 7,
      wrong: 'time runs backwards at entry 2 of the row',
    });
  });

  test('a count that is not the body’s', async () => {
    const journal = await forged((rows) => {
      rows.splice(3);
      replace(rows, 2, { count: 3 });
    });
    expect(await verify(journal)).toMatchObject({
      position: 5,
      wrong: 'the row announces 3 events and its body holds 2',
    });
  });

  test('a body that does not decode', async () => {
    const journal = await forged((rows) => replace(rows, 2, { body: Buffer.from('nonsense') }));
    expect(await verify(journal)).toMatchObject({
      position: 5,
      wrong: expect.stringContaining('the body does not decode'),
    });
  });
});

test('it keeps up with a writer, and tells how far it is', async () => {
  const journal = new MemoryJournal();
  const { epoch, head: empty } = await journal.claim();
  let head = empty;
  const append = async () => {
    const row = sealAfter(head, {
      shard: 'main',
      count: 2,
      epoch,
      recordedAt: 1 as Micros,
      body: encodeEntries([anEntry('drill')]),
    });
    await journal.append(row);
    head = headAfter(row);
  };
  await append();
  let more = 3;
  const told: Progress[] = [];
  const growing = {
    read: (after: Position) => journal.read(after),
    head: async () => {
      if (more > 0) await append();
      more -= 1;
      return await journal.head();
    },
  };
  expect(await verify(growing, (progress) => told.push(progress))).toMatchObject({
    isSound: true,
    events: 8,
  });
  expect(told.at(-1)).toEqual({ position: 8, end: 8 });
});
