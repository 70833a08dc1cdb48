/** The age of a fact that is yet to be read: of the row that holds it, by PostgreSQL's clock. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import type { Micros, Position } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import { ageOfNext } from './fact-age-postgres.ts';

let pool: pg.Pool;
beforeAll(async () => {
  pool = openPool(await freshSchema(), { connectionsMax: 1 });
  const now = Date.now() * 1000;
  const insert = `
    insert into journal (shard, first_position, count, epoch, recorded_at, previous_hash, hash, body)
    values ('main', $1, $2, 1, $3, $4, $5, '')`;
  const hash = (n: number): Buffer => Buffer.alloc(32, n);
  await pool.query(insert, [1, 10, (now - 100_000_000) as Micros, null, hash(1)]);
  await pool.query(insert, [11, 5, (now - 40_000_000) as Micros, hash(1), hash(2)]);
  await pool.query(insert, [16, 1, (now + 3_000_000) as Micros, hash(2), hash(3)]);
});
afterAll(() => pool.end());

const age = (position: number) => ageOfNext(pool, 'main', position as Position);

test.each([
  [0, 100],
  [9, 100],
  [10, 40],
  [14, 40],
])('after position %d the next fact is %d s old', async (position, seconds) => {
  const found = await age(position);
  expect(found).toBeGreaterThan(seconds - 5);
  expect(found).toBeLessThan(seconds + 30);
});

test('a clock that is ahead makes no fact younger than now, and where there is no next there is no age', async () => {
  expect(await age(15)).toBe(0);
  expect(await age(16)).toBeUndefined();
  expect(await ageOfNext(pool, 'nobody', 0 as Position)).toBeUndefined();
});
