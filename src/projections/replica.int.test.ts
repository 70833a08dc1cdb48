/** Reads beside a standby: it is believed as far as it has come, and no further. */
import type pg from 'pg';
import { expect, test } from 'vitest';
import type { Position } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import { PostgresArrivals } from './arrivals-postgres.ts';
import { PostgresReads } from './reads-postgres.ts';
import { Replica } from './replica-postgres.ts';
import { end, endOf, ViewsFixture } from './testing/views-fixture.ts';

const ahead = ViewsFixture.install();
/** Stands for a standby: the same journal, projected less far. */
const behind = ViewsFixture.install();

const at = (position: number) => new Map([[ahead().source.shard, position as Position]]);

async function bothTold(): Promise<void> {
  for (const views of [ahead(), behind()]) await views.tell();
  await ahead().project();
  await behind().project(endOf(1_000));
}

const reads = () =>
  new PostgresReads(
    ahead().pool,
    new PostgresArrivals(ahead().pool),
    new Replica({ pool: behind().pool, lagMs: 1 }),
  );

test('a list comes from the standby only if it shows all that the reader must see', async () => {
  await bothTold();
  const there = await behind().count('events');
  const here = await ahead().count('events');
  expect(there).toBeLessThan(here);
  const stands = Number(
    (await behind().pool.query('select position from projection_positions')).rows[0].position,
  );
  expect(await reads().eventCount(at(stands))).toBe(there);
  expect(await reads().eventCount(at(stands + 1))).toBe(here);
  expect(await reads().eventCount()).toBe(here); // nobody said that it may lag
});

test('of several standbys behind one address that one is read which was found far enough', async () => {
  await bothTold();
  const here = await ahead().count('events');
  let calls = 0;
  /** Each connection, and each statement without one, is led to the next server. */
  const next = () => [ahead(), behind()][calls++ % 2]?.pool ?? ahead().pool;
  const either = {
    connect: () => next().connect(),
    query: (config: pg.QueryConfig) => next().query(config),
  } as unknown as pg.Pool;
  const primary = openPool('postgres://nobody@127.0.0.1:1/nothing'); // whatever is read is a standby's
  const alone = new PostgresReads(
    primary,
    new PostgresArrivals(primary),
    new Replica({ pool: either, lagMs: 1 }),
  );
  const { rows } = await ahead().pool.query('select position from projection_positions');
  expect(await alone.eventCount(at(Number(rows[0].position)))).toBe(here);
  await primary.end();
});

test('a standby that does not answer is left alone, and the reader does not notice', async () => {
  await bothTold();
  const nowhere = openPool('postgres://nobody@127.0.0.1:1/nothing');
  const replica = new Replica({ pool: nowhere, lagMs: 1 });
  const alone = new PostgresReads(ahead().pool, new PostgresArrivals(ahead().pool), replica);
  expect(await alone.eventCount(at(1))).toBe(await ahead().count('events'));
  expect(await replica.read(new Map(), async () => 'asked')).toBeUndefined();
  await nowhere.end();
});

test('who waits for the views is told when they are there, however many wait, and when they are not', async () => {
  await ahead().tell();
  const arrivals = new PostgresArrivals(ahead().pool);
  const { shard } = ahead().source;
  expect(await arrivals.reached(shard, 1 as Position, 30)).toBe(false);
  const waiting = Array.from({ length: 50 }, () => arrivals.reached(shard, end, 30_000));
  await ahead().project();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([true]));
  expect(await arrivals.reached('no such shard', 1 as Position, 0)).toBe(false);
});

test('a database that is away is named as that', async () => {
  const nowhere = openPool('postgres://nobody@127.0.0.1:1/nothing');
  const arrivals = new PostgresArrivals(nowhere);
  await expect(arrivals.reached('main', 1 as Position, 1_000)).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
  });
  await nowhere.end();
});
