/** A drill that is told to stop leaves nothing behind: what it makes is as large as the database that it proves. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freshDatabase, freshSchema } from '../../test/schema.ts';
import { itirp, launch } from '../../test/server.ts';
import { TradingHouse } from '../backup/trading-house.fixture.ts';
import { openPool } from '../database/pool.ts';
import { ScratchSchema } from './scratch-schema.ts';

const SCHEMAS = "select nspname from pg_namespace where nspname = 'itirp_drill'";

test('its scratch schema is in the database of DRILL_SCRATCH_URL, and goes when it is interrupted', {
  timeout: 240_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-drills-'));
  const live = await freshSchema();
  const scratch = await freshDatabase();
  const house = await TradingHouse.open(live);
  const there = openPool(scratch);
  const holder = await house.pool.connect();
  onTestFinished(async () => {
    holder.release(true);
    await there.end();
    await house.close();
    await rm(folder, { recursive: true });
  });
  const environment = { POSTGRES_URL: live, DRILL_SCRATCH_URL: scratch, BACKUP_TO: folder };
  expect(await itirp(['backup'], environment)).toMatchObject({ code: 0 });

  // So that the drill stands still where it looks at the live journal.
  await holder.query('begin; lock table journal in access exclusive mode');
  const drill = launch(['drill'], environment);
  const ended = once(drill, 'close');
  await vi.waitFor(async () => expect((await there.query(SCHEMAS)).rows).toHaveLength(1), 30_000);
  expect((await house.pool.query(SCHEMAS)).rows).toEqual([]);
  drill.kill('SIGTERM');
  const [code] = (await ended) as [number | null];
  expect(code).not.toBe(0);
  expect((await there.query(SCHEMAS)).rows).toEqual([]);
  await holder.query('rollback');

  expect(await itirp(['drill'], environment)).toMatchObject({ code: 0 });
  // And the way back, where the address is in a setting: into an empty database, and no second time.
  const restore = () => itirp(['restore', '--configured'], { POSTGRES_URL: scratch, BACKUP_TO: folder });
  expect(await restore()).toMatchObject({ code: 0, output: expect.stringContaining('it may be started') });
  expect(await restore()).toMatchObject({ code: 1, output: expect.stringContaining('empty database only') });
  expect((await there.query(SCHEMAS)).rows).toEqual([]);
});

test('a schema goes although a session is in the middle of writing to it', async () => {
  const url = await freshDatabase();
  const schema = await ScratchSchema.make(url, 'half_made');
  const writer = openPool(schema.url);
  await writer.query('create schema half_made').catch(() => {});
  await writer.query('create table half_made.rows (n int)');
  const session = await writer.connect();
  session.on('error', () => {}); // it is cut off
  await session.query('begin; insert into half_made.rows values (1)');
  await schema.drop();
  await schema.drop(); // once is enough
  session.release(true);
  await writer.end();
  const looks = openPool(url);
  const { rows } = await looks.query("select from pg_namespace where nspname = 'half_made'");
  await looks.end();
  expect(rows).toEqual([]);
});

test('a schema goes once the server is through with a table that it vacuums: nobody may end that', async () => {
  const url = await freshDatabase();
  const admin = openPool(url);
  const name = `drill_${randomBytes(6).toString('hex')}`;
  await admin.query(`create role ${name} login password 'right-and-long'`);
  await admin.query(`grant create on database ${new URL(url).pathname.slice(1)} to ${name}`);
  const schema = await ScratchSchema.make(
    Object.assign(new URL(url), { username: name, password: 'right-and-long' }).href,
    'half_vacuumed',
  );
  const writer = schema.pool();
  await writer.query('create schema half_vacuumed');
  await writer.query('create table half_vacuumed.rows (n int)');

  const vacuum = await admin.connect();
  await vacuum.query('begin; lock table half_vacuumed.rows in share update exclusive mode'); // as autovacuum does
  const dropping = schema.drop();
  const isWaiting = `select from pg_stat_activity where datname = current_database()
    and query like 'drop schema%' and wait_event_type = 'Lock'`;
  await expect.poll(async () => (await admin.query(isWaiting)).rows.length).toBe(1);
  await vacuum.query('rollback');
  await dropping;
  vacuum.release();
  const { rows } = await admin.query("select from pg_namespace where nspname = 'half_vacuumed'");
  await admin.query(`drop owned by ${name}; drop role ${name}`);
  await admin.end();
  expect(rows).toEqual([]);
});
