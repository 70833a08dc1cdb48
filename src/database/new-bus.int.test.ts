/** A bus that is left: recorded with its marks, another one is let in, and the two are never taken for one. */
import type pg from 'pg';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { emptySchema, freshSchema } from '../../test/schema.ts';
import { checkDeployment, joinDeployment } from './deployment.ts';
import { busNumber, leaveBus, NOT_YET } from './new-bus.ts';
import { openPool } from './pool.ts';

const shards = ['a', 'b'];
const on = (cluster: string, of: readonly string[] = shards) => ({
  name: 'north',
  bus: { cluster, shards: of },
});
const leaving = { by: 'cli:olga', reason: 'the site burnt' };
let pool: pg.Pool;

beforeEach(async () => {
  pool = openPool(await freshSchema(), { connectionsMax: 2 });
});
afterEach(() => pool.end());

const recorded = async () => (await pool.query('select cluster, shards from deployment')).rows;

test('it is on record with who, why and how far, and the next node says which is the new one', async () => {
  await joinDeployment(pool, on('C1'));
  await pool.query(`insert into shards (shard, epoch, format, owner, source, source_offset)
    values ('a', 1, 1, gen_random_uuid(), 'C1/itirp.commands/0', 42)`);
  await pool.query("insert into publisher_positions (shard, position) values ('a', 7)");
  expect(await busNumber(pool)).toBe(0);
  const marks = { a: { source: 'C1/itirp.commands/0', offset: 42 } };
  expect(await leaveBus(pool, leaving)).toEqual({ number: 1, bus: 'C1', marks, wasLeft: false });
  expect(await busNumber(pool)).toBe(1);
  const { rows } = await pool.query('select number, bus, marks, left_by, reason from left_buses');
  expect(rows).toEqual([{ number: 1, bus: 'C1', marks, left_by: 'cli:olga', reason: 'the site burnt' }]);
  expect((await pool.query('select from publisher_positions')).rows).toEqual([]); // the news is told again

  await joinDeployment(pool, on('C2~1'));
  expect(await recorded()).toEqual([{ cluster: 'C2~1', shards }]);
  await expect(joinDeployment(pool, on('C1'))).rejects.toMatchObject({ code: 'DEPLOYMENT_MIXED' });
});

test('until then shards are still the same ones, and a process without a bus is refused', async () => {
  await joinDeployment(pool, on('C1'));
  await leaveBus(pool, leaving);
  expect(await recorded()).toEqual([{ cluster: NOT_YET, shards }]); // no older program takes it for its own
  const mixed = { code: 'DEPLOYMENT_MIXED' };
  await expect(joinDeployment(pool, on('C2~1', ['b', 'a']))).rejects.toMatchObject(mixed);
  await expect(joinDeployment(pool, { name: 'north' })).rejects.toMatchObject(mixed);
  expect(await joinDeployment(pool, on('C2~1', ['a', 'b', 'c']))).toEqual({ founders: ['a', 'b'] });
});

test('a cluster that holds commands already is not begun on, and is no matter once it is ours', async () => {
  await joinDeployment(pool, on('C1'));
  await leaveBus(pool, leaving);
  const full = { name: 'north', bus: { ...on('C1~1').bus, kept: 7 } };
  await expect(checkDeployment(pool, full)).rejects.toThrow(/C1~1 holds 7 commands already.*itirp\.commands/);
  await expect(joinDeployment(pool, full)).rejects.toMatchObject({ code: 'DEPLOYMENT_MIXED' });
  await joinDeployment(pool, on('C1~1'));
  await joinDeployment(pool, full); // the commands are its own by then
});

test('said twice it is left once; where no bus is known there is nothing to leave', async () => {
  expect(await leaveBus(pool, leaving)).toBeUndefined();
  await joinDeployment(pool, { name: 'north' });
  expect(await leaveBus(pool, leaving)).toBeUndefined();
  await joinDeployment(pool, on('C1'));
  await leaveBus(pool, leaving);
  expect(await leaveBus(pool, leaving)).toMatchObject({ number: 1, bus: 'C1', wasLeft: true });
  await joinDeployment(pool, on('C1~1'));
  expect(await leaveBus(pool, leaving)).toMatchObject({ number: 2, bus: 'C1~1', wasLeft: false });
});

test('a database without a schema yet, or with an older one, has left no bus', async () => {
  const empty = openPool(await emptySchema(), { connectionsMax: 1 });
  onTestFinished(() => empty.end());
  expect(await busNumber(empty)).toBe(0);
});
