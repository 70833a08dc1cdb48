/** The views on real PostgreSQL through the real journal: whatever happens to the projector, they equal a rebuild. */
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import type { CorrelationId, OrderId, Position, Ticker, UserId } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import type { Entry } from '../journal/entry.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import type { Source } from './catch-up.ts';
import { ReportedProgress } from './progress.ts';
import { type Manners, Projector } from './projector.ts';
import type { OrderFilter } from './reads.ts';
import { PostgresReads } from './reads-postgres.ts';
import { rebuild } from './rebuild.ts';
import { JournalWriter } from './testing/journal-writing.ts';
import { anyAct, batchesOf, Trading } from './testing/trading.ts';

/** A long history: the same one on every run, told by fast-check's own generator. */
const [acts] = fc.sample(fc.array(anyAct, { minLength: 1_500, maxLength: 1_500, size: 'max' }), {
  seed: 20_260_130,
  numRuns: 1,
});
const { entries } = new Trading().act(...(acts ?? []));
const facts = entries.reduce((sum, { events }) => sum + events.length, 0) as Position;

let url: string;
let pool: pg.Pool;
let source: Source;
let journal: PostgresJournal;
let shards = 0;

beforeAll(async () => {
  url = await freshSchema();
  pool = openPool(url, { connectionsMax: 8 });
});
afterAll(() => pool.end());

/** Empty views and an empty journal for each test. */
beforeEach(async () => {
  await pool.query(`truncate events, orders, executions, positions, order_counts, projection_positions`);
  const shard = `test-${++shards}`;
  journal = new PostgresJournal({ url, pool: (options) => openPool(url, options) }, shard);
  source = { shard, journal };
});

async function write(written: readonly Entry[], batchSize = 7, after = 0): Promise<void> {
  await new JournalWriter(journal, source.shard).write(batchesOf(written, batchSize, after));
}

const brisk: Partial<Manners> = { factsMax: 40, paceMs: 0, pollMs: 20, retryMs: 5 };

/** Runs a projector until it stands at `position`, then stops it. */
async function projectUpTo(position: Position, manners: Partial<Manners> = brisk): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const projector = new Projector({
    pool,
    source,
    manners,
    onProgress: (at) => {
      if (at >= position) resolve();
    },
  });
  const run = projector.run();
  await Promise.race([promise, run]);
  await projector.stop();
  await run;
}

const proof = async (apply = false) => await rebuild({ url, pool, sources: [source], apply });

async function count(table: string): Promise<number> {
  const found = await pool.query<{ n: bigint }>(`select count(*) as n from ${table}`);
  return Number(found.rows[0]?.n ?? 0n);
}

describe('the projector', () => {
  test('carries the whole journal into the views, equal to a rebuild', async () => {
    await write(entries);
    await projectUpTo(facts);
    const report = await proof();
    expect(report.tables.map(({ table, firstDifference }) => [table, firstDifference])).toEqual([
      ['events', undefined],
      ['orders', undefined],
      ['executions', undefined],
      ['positions', undefined],
      ['order_counts', undefined],
      ['projection_positions', undefined],
    ]);
    expect(report.equal).toBe(true);
    expect(report.positions).toEqual(new Map([[source.shard, facts]]));
    expect(await count('events')).toBeGreaterThan(facts);
    expect(report.tables.every(({ rows }) => rows > 0)).toBe(true);
  });

  test('stopped again and again in mid-way, goes on where its rows end', async () => {
    await write(entries);
    for (let at = 100; at < facts; at += 300) await projectUpTo(at as Position);
    await projectUpTo(facts);
    expect(await proof()).toMatchObject({ equal: true });
  });

  test('cut off by the database in mid-way, reads again and goes on', async () => {
    await write(entries);
    const troubles: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    let kills = 0;
    const projector = new Projector({
      pool,
      source,
      manners: brisk,
      onTrouble: ({ code }) => troubles.push(code),
      onProgress: (at) => {
        if (at >= facts) resolve();
        // The pool's own sessions, the projector's among them; the journal reads on sessions of its own.
        if (kills++ % 7 === 3) void cutOff();
      },
    });
    const cutOff = async (): Promise<void> => {
      await journalSideQuery(`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'itirp' and pid <> pg_backend_pid()
          and query ~ '^\\s*(copy|update|insert|begin|commit)'`);
    };
    const run = projector.run();
    await Promise.race([promise, run]);
    await projector.stop();
    await run;
    expect(new Set(troubles)).toEqual(new Set(['DATABASE_UNAVAILABLE']));
    expect(await proof()).toMatchObject({ equal: true });
  });

  test('a second projector of the same shard doubles nothing', async () => {
    await write(entries);
    await Promise.all([
      projectUpTo(facts),
      projectUpTo(facts),
      projectUpTo(facts, { ...brisk, factsMax: 90 }),
    ]);
    expect(await proof()).toMatchObject({ equal: true });
  });

  test('wakes when it is poked and when facts come without a word', async () => {
    const half = 700;
    await write(entries.slice(0, half));
    const progress = new ReportedProgress();
    const reads = new PostgresReads(pool, progress);
    const manners = { ...brisk, pollMs: 60_000 };
    const projector = new Projector({ pool, source, manners, onProgress: (at) => progress.report(at) });
    const run = projector.run();
    const middle = batchesOf(entries.slice(0, half), half)[0]?.lastPosition ?? facts;
    expect(await reads.reached(middle, 20_000)).toBe(true);
    await write(entries.slice(half), 7, middle);
    expect(await reads.reached(facts, 50)).toBe(false); // nobody told it, and it looks once a minute
    projector.poke(facts);
    expect(await reads.reached(facts, 20_000)).toBe(true);
    await projector.stop();
    await run;
  });
});

const journalSideQuery = async (sql: string): Promise<void> => {
  const side = openPool(url, { connectionsMax: 1, applicationName: 'test' });
  await side.query(sql);
  await side.end();
};

describe('a rebuild', () => {
  test.each([
    [
      'events',
      "update events set payload = payload || '{\"quantity\": 1}' where event_type = 'ORDER_CREATED'",
    ],
    [
      'orders',
      "update orders set executed_quantity = executed_quantity + 0.00000001 where status = 'Filled'",
    ],
    ['orders', "delete from orders where status = 'Denied'"],
    ['executions', 'update executions set price = price + 1'],
    ['positions', 'update positions set realised = realised - 0.0000000000000001'],
    ['order_counts', 'update order_counts set n = n + 1'],
    ['projection_positions', 'update projection_positions set event_rows = event_rows - 1'],
  ])('finds %s tampered with (%s), names the row, and repairs it', async (table, tampering) => {
    await write(entries);
    await projectUpTo(facts);
    await pool.query(tampering);
    const found = await proof();
    expect(found).toMatchObject({ equal: false, applied: false });
    const wrong = found.tables.filter(({ equal }) => !equal);
    expect(wrong.map((report) => report.table)).toEqual([table]);
    expect(wrong[0]?.firstDifference).toMatch(/the journal says|missing/);

    expect(await proof(true)).toMatchObject({ equal: false, applied: true });
    expect(await proof(true)).toMatchObject({ equal: true, applied: false });
  });

  test('finds a row that the journal never told', async () => {
    await write(entries);
    await projectUpTo(facts);
    await pool.query(`insert into positions values ('HOUSE', 'GOLD', 1000000, 1, 1000000, 0, now())`);
    const wrong = (await proof()).tables.filter(({ equal }) => !equal);
    expect(wrong).toMatchObject([
      { table: 'positions', firstDifference: 'account HOUSE, symbol GOLD: not in the journal' },
    ]);
  });

  test('repairs under a running projector, which goes on from what was repaired', async () => {
    await write(entries.slice(0, 1_000));
    const middle = batchesOf(entries.slice(0, 1_000), 1_000)[0]?.lastPosition ?? facts;
    const progress = new ReportedProgress();
    await projectUpTo(middle);
    await pool.query('update positions set quantity = quantity + 5, cost = cost + 5');
    // It starts with the wrong positions in its memory.
    const projector = new Projector({
      pool,
      source,
      manners: brisk,
      onProgress: (at) => progress.report(at),
    });
    const reads = new PostgresReads(pool, progress);
    const run = projector.run();
    await reads.reached(middle, 20_000);
    expect(await proof(true)).toMatchObject({ applied: true });
    await write(entries.slice(1_000), 7, middle);
    projector.poke(facts);
    expect(await reads.reached(facts, 20_000)).toBe(true);
    await projector.stop();
    await run;
    expect(await proof()).toMatchObject({ equal: true });
  });
});

describe('the reads', () => {
  const reads = () => new PostgresReads(pool, new ReportedProgress());

  test('page through all orders, newest first, each once, with the total on every page', async () => {
    await write(entries);
    await projectUpTo(facts);
    const total = await count('orders');
    const seen: string[] = [];
    for (let cursor: string | undefined, pages = 0; pages < 100; pages++) {
      const page = await reads().orders({ limit: 50, cursor });
      expect(page.total).toBe(total);
      seen.push(...page.orders.map(({ orderId }) => orderId));
      cursor = page.next;
      if (cursor === undefined) break;
    }
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
    expect(seen).toHaveLength(total);
  });

  test('filter by user, ticker and status, and count the same', async () => {
    await write(entries);
    await projectUpTo(facts);
    const all = await reads().orders({ limit: 1_000 });
    const filters: Omit<OrderFilter, 'limit'>[] = [
      { user: 'trader1' as UserId },
      { ticker: 'MSFT' as Ticker },
      { statuses: ['Filled', 'Canceled'] },
      {
        user: 'trader2' as UserId,
        ticker: 'AAPL' as Ticker,
        statuses: ['New', 'PartiallyFilled', 'PendingCancel'],
      },
      { statuses: [] },
      { user: 'nobody\0' as UserId },
    ];
    for (const filter of filters) {
      const page = await reads().orders({ ...filter, limit: 1_000 });
      const expected = all.orders.filter(
        (row) =>
          (filter.user === undefined || row.user === filter.user) &&
          (filter.ticker === undefined || row.ticker === filter.ticker) &&
          (filter.statuses === undefined || filter.statuses.includes(row.status)),
      );
      expect(page).toEqual({ orders: expected, total: expected.length, next: undefined });
    }
  });

  test('give an order, its trail and its conversation as they were told', async () => {
    await write(entries);
    await projectUpTo(facts);
    const { orders } = await reads().orders({ limit: 1_000, statuses: ['Filled'] });
    for (const order of orders.slice(0, 20)) {
      expect(await reads().order(order.orderId)).toEqual(order);
      expect(order.executedQuantity).toBe(order.quantity);
      const trail = await reads().eventsOfOrder(order.orderId);
      const types = trail.map(({ eventType }) => eventType);
      expect(types.slice(0, 3)).toEqual(['ORDER_CREATED', 'RISK_CHECK_STARTED', 'RISK_CHECK_PASSED']);
      expect(types.filter((type) => type === 'EXECUTION_STARTED')).toHaveLength(1);
      expect(types.at(-1)).toBe('EXECUTION_COMPLETED');
      const told = await reads().eventsOfCorrelation(order.correlationId);
      // A cancel that was refused is of the conversation that asked for it.
      expect(told).toEqual(trail.filter(({ eventType }) => eventType !== 'CANCEL_REFUSED'));
    }
    expect(orders.length).toBeGreaterThan(0);
  });

  test('answer nothing for ids that are none', async () => {
    expect(await reads().order('robert' as OrderId)).toBeUndefined();
    expect(await reads().eventsOfOrder("'; drop table events; --" as OrderId)).toEqual([]);
    expect(await reads().eventsOfCorrelation('\0' as CorrelationId)).toEqual([]);
    await expect(reads().orders({ limit: 1, cursor: 'x' })).rejects.toMatchObject({ code: 'BODY_INVALID' });
  });

  test('count statuses and events, and tell the newest events last', async () => {
    await write(entries);
    await projectUpTo(facts);
    const counted = await reads().statusCounts();
    const found = await pool.query<{ status: string; n: bigint }>(
      'select status, count(*) as n from orders group by 1',
    );
    expect(counted).toEqual(new Map(found.rows.map(({ status, n }) => [status, Number(n)])));
    expect(await reads().eventCount()).toBe(await count('events'));
    const newest = await reads().latestEvents(100);
    const ids = newest.map(({ eventId }) => eventId);
    expect(ids).toEqual([...ids].sort());
    expect(newest.at(-1)?.at).toBe(entries.at(-1)?.at);
  });

  test('name an outage', async () => {
    const nowhere = openPool('postgres://nobody@127.0.0.1:1/none');
    const away = new PostgresReads(nowhere, new ReportedProgress());
    await expect(away.eventCount()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await nowhere.end();
  });
});
