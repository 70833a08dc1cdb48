/** Users on real PostgreSQL: the contract, and what only a database can be asked. */
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import { HOUSE_ACCOUNT, type UserId } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import { usersContract } from './users.contract.ts';
import { PostgresUsers } from './users-postgres.ts';

const pool = openPool(await freshSchema());
afterAll(() => pool.end());

async function empty(): Promise<PostgresUsers> {
  await pool.query('alter table user_changes disable trigger all');
  await pool.query('truncate users, user_changes');
  await pool.query('alter table user_changes enable trigger all');
  return new PostgresUsers(pool);
}

usersContract(empty);

test('who changed what about whom is kept, and cannot be rewritten', async () => {
  const users = await empty();
  const ann = 'ann' as UserId;
  const admin = 'admin' as UserId;
  await users.add(
    { username: ann, passwordHash: 'h', role: 'TRADER', account: HOUSE_ACCOUNT, isDemo: false },
    admin,
  );
  await users.disable(ann, admin);
  const { rows } = await pool.query('select username, what, changed_by from user_changes order by change_id');
  expect(rows).toEqual([
    { username: 'ann', what: 'added', changed_by: 'admin' },
    { username: 'ann', what: 'disabled', changed_by: 'admin' },
  ]);
  for (const rewrite of ['delete from user_changes', "update user_changes set what = 'enabled'"]) {
    await expect(pool.query(rewrite)).rejects.toMatchObject({ code: '23001' });
  }
});

test('a database that is not there is a fault that may be tried again', async () => {
  const nowhere = new pg.Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 500 });
  const users = new PostgresUsers(nowhere);
  await expect(users.list()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', mayRetry: true });
  await nowhere.end();
});
