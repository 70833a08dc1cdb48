/** The projector on real PostgreSQL: whatever happens to it, the views equal a rebuild from the journal. */
import { expect, test } from 'vitest';
import { openPool } from '../database/pool.ts';
import { ReportedProgress, reached } from './progress.ts';
import { BRISK, end, endOf, ViewsFixture } from './testing/views-fixture.ts';

const views = ViewsFixture.install();

test('the whole journal is carried into the views, equal to a rebuild', async () => {
  await views().tell();
  await views().project();
  const report = await views().rebuild();
  expect(report.tables.map(({ table, firstDifference }) => [table, firstDifference])).toEqual([
    ['events', undefined],
    ['orders', undefined],
    ['executions', undefined],
    ['positions', undefined],
    ['order_counts', undefined],
    ['projection_positions', undefined],
  ]);
  expect(report.equal).toBe(true);
  expect(report.positions).toEqual(new Map([[views().source.shard, end]]));
  expect(await views().count('events')).toBeGreaterThan(end);
  expect(report.tables.every(({ rows }) => rows > 0)).toBe(true);
});

test('two shards in one database hold their positions apart', async () => {
  const positionsOf = async (shard: string) => {
    const sql =
      'select account, symbol, quantity, cost, realised from positions where shard = $1 order by 1, 2';
    return (await views().pool.query(sql, [shard])).rows;
  };
  const first = views().source.shard;
  await views().tell(0, 1_000);
  await views().project(endOf(1_000));
  const held = await positionsOf(first);
  expect(held.length).toBeGreaterThan(0);
  await views().pool.query('truncate events, orders, executions'); // the two histories name the same orders
  const second = views().nextShard();
  await views().tell(0, 1_000);
  await views().project(endOf(1_000));
  expect(await positionsOf(second)).toEqual(held);
  expect(await positionsOf(first)).toEqual(held);
});

test('stopped again and again in mid-way, it goes on where its rows end', async () => {
  await views().tell();
  for (let n = 50; n < 1_500; n += 200) await views().project(endOf(n));
  await views().project();
  expect(await views().rebuild()).toMatchObject({ equal: true });
});

test('cut off by the database in mid-way, it reads again and goes on', async () => {
  await views().tell();
  const side = openPool(views().url, { connectionsMax: 1, applicationName: 'test' });
  const troubles: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  let steps = 0;
  const projector = views().projector({
    onTrouble: ({ code }) => troubles.push(code),
    onProgress: (at) => {
      if (at >= end) resolve();
      if (steps++ % 7 !== 3) return;
      void side.query(`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'itirp' and query ~ '^\\s*(copy (events|orders)|update|insert)' and pid in (
          select pid from pg_locks join pg_class on relation = pg_class.oid
          where relnamespace = current_schema()::regnamespace)`);
    },
  });
  const run = projector.run();
  await Promise.race([promise, run]);
  await projector.stop();
  await run;
  await side.end();
  expect(troubles).toContain('DATABASE_UNAVAILABLE');
  expect(await views().rebuild()).toMatchObject({ equal: true });
});

test('a second and a third projector of the same shard double nothing', async () => {
  await views().tell();
  await Promise.all([views().project(), views().project(), views().project(end, { ...BRISK, factsMax: 90 })]);
  expect(await views().rebuild()).toMatchObject({ equal: true });
});

test('a poke wakes it; without one it looks now and then', async () => {
  await views().tell(0, 700);
  const progress = new ReportedProgress();
  const onProgress = progress.report.bind(progress);
  const sleepy = views().projector({ manners: { ...BRISK, pollMs: 60_000 }, onProgress });
  const sleeping = sleepy.run();
  expect(await reached(progress, endOf(700), 20_000)).toBe(true);
  await views().tell(700, 1_000);
  expect(await reached(progress, endOf(1_000), 50)).toBe(false); // nobody told it, and it looks once a minute
  sleepy.poke(endOf(1_000));
  expect(await reached(progress, endOf(1_000), 20_000)).toBe(true);
  await sleepy.stop();
  await sleeping;

  const watchful = views().projector({ onProgress });
  const watching = watchful.run();
  await views().tell(1_000);
  expect(await reached(progress, end, 20_000)).toBe(true);
  await watchful.stop();
  await watching;
});
