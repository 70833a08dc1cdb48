import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import type { Position } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import { publishedContract } from './published.contract.ts';
import { PostgresPublished } from './published-postgres.ts';

let pool: pg.Pool;
beforeAll(async () => {
  pool = openPool(await freshSchema(), {});
});
beforeEach(() => pool.query('truncate publisher_positions, publisher_checkpoints'));
afterAll(() => pool.end());

publishedContract('the memory in PostgreSQL', async () => new PostgresPublished(pool));

test('a checkpoint that is no longer what was kept is as good as none', async () => {
  const published = new PostgresPublished(pool);
  await published.keep('s1', { position: 7 as Position, body: Buffer.from('what was known') });
  await pool.query(`update publisher_checkpoints set body = 'what was know'`);
  expect(await published.checkpoint('s1')).toBeUndefined();
});

test('a move waits for no disk and no standby, and only the move', async () => {
  const client = await pool.connect();
  const setting = async (): Promise<unknown> => (await client.query('show synchronous_commit')).rows[0];
  await client.query('begin');
  await new PostgresPublished(client as unknown as pg.Pool).move('s1', 1 as Position);
  expect(await setting()).toEqual({ synchronous_commit: 'off' });
  await client.query('commit');
  expect(await setting()).toEqual({ synchronous_commit: 'on' });
  client.release();
});

test('an outage is told as one', async () => {
  const nowhere = openPool('postgres://nobody@127.0.0.1:1/none', {});
  const published = new PostgresPublished(nowhere);
  await expect(published.position('s1')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  await expect(published.move('s1', 1 as Position)).rejects.toMatchObject({ mayRetry: true });
  await nowhere.end();
});
