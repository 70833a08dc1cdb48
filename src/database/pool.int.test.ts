/** Numbers come out of PostgreSQL as they are in it, and a pool outlives an outage. */
import { randomUUID } from 'node:crypto';
import { afterAll, expect, inject, test } from 'vitest';
import { emptySchema, schemaOf } from '../../test/schema.ts';
import { asFault } from './outage.ts';
import { openPool, withSchema } from './pool.ts';

const pool = openPool(inject('postgresUrl'), { connectionsMax: 2 });
afterAll(() => pool.end());

test('an int8 is a bigint, a numeric is text, and neither loses a digit', async () => {
  const { rows } = await pool.query(
    `select 9007199254740993::int8 as whole, array[9223372036854775807, null]::int8[] as wholes,
       0.10000000000000000001::numeric as decimal, 1::int4 as small`,
  );
  expect(rows).toEqual([
    {
      whole: 9_007_199_254_740_993n,
      wholes: [9_223_372_036_854_775_807n, null],
      decimal: '0.10000000000000000001',
      small: 1,
    },
  ]);
});

test('a statement that takes too long is canceled', async () => {
  const impatient = openPool(inject('postgresUrl'), { connectionsMax: 1, statementTimeoutMs: 50 });
  await expect(impatient.query('select pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });
  await impatient.end();
});

test('what waits too long for a connection is an outage', async () => {
  const narrow = openPool(inject('postgresUrl'), { connectionsMax: 1, connectTimeoutMs: 50 });
  const held = await narrow.connect();
  const error: unknown = await narrow.query('select 1').catch((refusal: unknown) => refusal);
  expect(asFault(error)).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  held.release();
  await narrow.end();
});

test('a schema in the URL is where unqualified names live', async () => {
  const url = await emptySchema();
  const there = openPool(url);
  const { rows } = await there.query('select current_schema() as schema');
  expect(rows).toEqual([{ schema: schemaOf(url) }]);
  await there.end();
  expect(() => withSchema(url, 'no"schema')).toThrow('not a schema');
});

test('a pool whose connections were all cut goes on with new ones', async () => {
  const applicationName = `cut ${randomUUID()}`;
  const cut = openPool(inject('postgresUrl'), { applicationName, connectionsMax: 1 });
  await cut.query('select 1');
  await pool.query(
    'select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = $1',
    [applicationName],
  );
  await expect
    .poll(() =>
      cut.query('select 1').then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  await cut.end();
});
