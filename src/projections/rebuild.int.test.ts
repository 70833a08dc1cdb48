/** A rebuild on real PostgreSQL: it finds whatever was tampered with, names it, and puts it right. */
import { expect, test } from 'vitest';
import { ReportedProgress, reached } from './progress.ts';
import { elsewhere, end, endOf, ViewsFixture } from './testing/views-fixture.ts';

const views = ViewsFixture.install();

test.each([
  [
    'events',
    `update events set payload = payload || '{"quantity": 1}' where event_type = 'ORDER_CREATED'`,
    /^event_id [0-9a-f-]{36}: payload is .*, the journal says/,
  ],
  [
    'orders',
    "update orders set executed_quantity = executed_quantity + 0.00000001 where status = 'Filled'",
    /^order_id [0-9a-f-]{36}: executed_quantity is [\d.]+, the journal says [\d.]+$/,
  ],
  ['orders', "delete from orders where status = 'Denied'", /: missing$/],
  ['executions', 'update executions set price = price + 1', /: price is/],
  ['positions', 'update positions set realised = realised - 0.0000000000000001', /: realised is/],
  [
    'positions',
    `insert into positions (shard, account, symbol, quantity, average_price, cost, realised, updated_at)
     select shard, 'HOUSE', 'GOLD', 1, 1, 1, 0, now() from projection_positions`,
    /not in the journal/,
  ],
  ['order_counts', 'update order_counts set n = n + 1', /: n is/],
  ['projection_positions', 'update projection_positions set event_rows = event_rows - 1', /: event_rows is/],
])('%s tampered with by %s is found, named and repaired', async (table, tampering, difference) => {
  await views().tell();
  await views().project();
  await views().pool.query(tampering);
  const found = await views().rebuild();
  expect(found).toMatchObject({ equal: false, applied: false });
  const wrong = found.tables.filter(({ equal }) => !equal);
  expect(wrong.map((report) => report.table)).toEqual([table]);
  expect(wrong[0]?.firstDifference).toMatch(difference);

  expect(await views().rebuild(true)).toMatchObject({ equal: false, applied: true });
  expect(await views().rebuild(true)).toMatchObject({ equal: true, applied: false });
});

test('views that stand beyond the end of the journal are brought back, and until then no projector goes on', async () => {
  await views().tell(0, 100);
  await views().project(endOf(100));
  await views().pool.query('update projection_positions set position = position + 10');
  await expect(views().project()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  expect(await views().rebuild(true)).toMatchObject({ applied: true });
  await views().tell(100);
  await views().project();
  expect(await views().rebuild()).toMatchObject({ equal: true });
});

test('it leaves nothing behind, and sweeps what a killed one left', async () => {
  await views().tell();
  await views().project();
  const { rows } = await views().pool.query<{ schema: string }>('select current_schema() as schema');
  const copy = `rebuild_of_${rows[0]?.schema}`;
  await views().pool.query(`create schema ${copy}; create table ${copy}.events (left_behind int)`);
  expect(await views().rebuild()).toMatchObject({ equal: true });
  const left = await views().pool.query('select 1 from pg_namespace where nspname = $1', [copy]);
  expect(left.rows).toEqual([]);
});

test('it repairs under a running projector, which goes on from what was repaired', async () => {
  await views().tell(0, 1_000);
  await views().project(endOf(1_000));
  await views().pool.query('update positions set quantity = quantity + 5, cost = cost + 5');
  const progress = new ReportedProgress();
  // It starts with the wrong positions in its memory.
  const projector = views().projector({ onProgress: progress.report.bind(progress) });
  const run = projector.run();
  await reached(progress, endOf(1_000), 20_000);
  expect(await views().rebuild(true)).toMatchObject({ applied: true });
  await views().tell(1_000);
  projector.poke(end);
  expect(await reached(progress, end, 20_000)).toBe(true);
  await projector.stop();
  await run;
  expect(await views().rebuild()).toMatchObject({ equal: true });
});

test('it proves the views equal while the projector goes on under it', async () => {
  await views().tell(0, 500);
  const progress = new ReportedProgress();
  const projector = views().projector({ onProgress: progress.report.bind(progress) });
  const run = projector.run();
  const telling = views().tell(500);
  for (let n = 0; n < 3; n++) expect(await views().rebuild()).toMatchObject({ equal: true });
  await telling;
  projector.poke(end);
  expect(await reached(progress, end, 20_000)).toBe(true);
  await projector.stop();
  await run;
});

test('what the house-keeping has forgotten is no difference, and does not come back', async () => {
  await views().tell();
  await views().project();
  const { pool } = views();
  await pool.query('select time_tables_ahead()');
  const before = await views().count('events');
  const days = `select (now()::date - max("timestamp")::date) - 40 as days from events`;
  const { rows } = await pool.query<{ days: number }>(days);
  await pool.query('select time_tables_forget($1)', [rows[0]?.days]);
  expect(await views().count('events')).toBeLessThan(before);
  const { tables, equal } = await views().rebuild(true);
  expect({ equal, wrong: tables.filter((table) => !table.equal) }).toEqual({ equal: true, wrong: [] });
  await pool.query("update time_tables set kept_from = '-infinity'"); // for the tests that follow
});

test('several shards are rebuilt as one and put right as one, and with one of them missing nothing is touched', async () => {
  await views().tell(0, 300);
  await views().project(endOf(300));
  const first = views().source;
  views().nextShard();
  await views().tell(0, 200, elsewhere);
  await views().project(endOf(200));
  const sources = [first, views().source];
  expect(await views().rebuildOf(sources)).toMatchObject({ equal: true });
  await views().pool.query('update order_counts set n = n + 1');
  await views().pool.query(`delete from positions where shard = '${first.shard}'`);
  const held = await views().count('events');
  const alone = views().rebuildOf([first], true);
  await expect(alone).rejects.toMatchObject({
    code: 'ARGUMENT_INVALID',
    detail: expect.stringContaining(views().source.shard),
  });
  expect(await views().count('events')).toBe(held);
  const repaired = await views().rebuildOf(sources, true);
  expect(repaired).toMatchObject({ equal: false, applied: true });
  expect([...repaired.positions.keys()].sort()).toEqual(sources.map(({ shard }) => shard).sort());
  expect(await views().rebuildOf(sources)).toMatchObject({ equal: true });
});

test('an account that is opened is noted with its shard, once and for good', async () => {
  await views().tell();
  await views().project();
  const { shard } = views().source;
  const { rows } = await views().pool.query('select account, shard from shard_assignments order by account');
  expect(rows.length).toBeGreaterThan(0);
  expect(new Set(rows.map((row: { shard: string }) => row.shard))).toEqual(new Set([shard]));
});
