/** Whatever is wrong with a database ends in one clear message with the remedy, before anything is started on it. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import { checkClock } from './clock-check.ts';
import { type Database, openDatabase } from './database.ts';
import { joinDeployment } from './deployment.ts';
import { openPool } from './pool.ts';
import { checkFacts, checkIdentity, checkTimeline } from './server-facts.ts';

const run = randomBytes(4).toString('hex');
const admin = new pg.Client({ connectionString: inject('postgresUrl') });
const pool = openPool(inject('postgresUrl'), { connectionsMax: 1 });

beforeAll(async () => {
  await admin.connect();
  for (const [name, setting] of [
    ['reader', 'default_transaction_read_only = on'],
    ['hasty', 'synchronous_commit = off'],
  ]) {
    await admin.query(`create role ${name}_${run} login password 'right'`);
    await admin.query(`alter role ${name}_${run} set ${setting}`);
  }
});
afterAll(async () => {
  await admin.query(`drop role reader_${run}; drop role hasty_${run}`);
  await Promise.all([admin.end(), pool.end()]);
});

/** The run's own PostgreSQL, with parts of its URL replaced. */
function urlWith(parts: Partial<Pick<URL, 'username' | 'password' | 'pathname' | 'port'>>): string {
  return Object.assign(new URL(inject('postgresUrl')), parts).href;
}

const open = (url: string): Promise<Database> => openDatabase({ dataDir: 'unused', url, exclusive: false });

test.each([
  ['nobody listens', () => urlWith({ port: '1' }), 'DATABASE_UNAVAILABLE', /ECONNREFUSED.*does it run/],
  [
    'no host has that name',
    () => 'postgres://u@nowhere.invalid/db',
    'DATABASE_UNAVAILABLE',
    /nowhere\.invalid/,
  ],
  [
    'the password is wrong',
    () => urlWith({ password: 'wrong' }),
    'DATABASE_REFUSED',
    /look at user and password/,
  ],
  [
    'there is no such user',
    () => urlWith({ username: 'nobody' }),
    'DATABASE_REFUSED',
    /look at user and password/,
  ],
  [
    'there is no such database',
    () => urlWith({ pathname: '/none' }),
    'DATABASE_REFUSED',
    /create it, or name/,
  ],
  [
    'it speaks no TLS and should',
    () => `${inject('postgresUrl')}?sslmode=require`,
    'DATABASE_REFUSED',
    /turn ssl on there, or say sslmode=disable/,
  ],
  [
    'it takes no writes',
    () => urlWith({ username: `reader_${run}`, password: 'right' }),
    'DATABASE_READ_ONLY',
    /name the primary too/,
  ],
  [
    'it confirms before it has written',
    () => urlWith({ username: `hasty_${run}`, password: 'right' }),
    'DATABASE_UNSAFE',
    /set synchronous_commit = on/,
  ],
  ['it is no URL of PostgreSQL', () => 'http://h/db', 'CONFIG_INVALID', /postgres:\/\/USER/],
])('%s', async (_title, url, code, detail) => {
  await expect(open(url())).rejects.toMatchObject({ code, detail: expect.stringMatching(detail) });
});

const sound = { systemIdentifier: '1', timeline: 1, takesWrites: true, version: 150_004, off: [] };

test.each([
  ['an old version', { version: 140_010 }, 'DATABASE_VERSION', /it is PostgreSQL 14; 15 or newer is needed/],
  ['fsync off', { off: ['fsync'] }, 'DATABASE_UNSAFE', /set fsync = on/],
  ['torn pages', { off: ['full_page_writes'] }, 'DATABASE_UNSAFE', /set full_page_writes = on/],
  ['a standby', { timeline: 0, takesWrites: false }, 'DATABASE_READ_ONLY', /promote it/],
])('%s is refused', (_title, wrong, code, detail) => {
  const refusal = expect.objectContaining({ code, detail: expect.stringMatching(detail) });
  expect(() => checkFacts({ ...sound, ...wrong })).toThrow(refusal);
  expect(() => checkFacts(sound)).not.toThrow();
});

test('another cluster at the same address is refused', () => {
  expect(() => checkIdentity('1', sound)).not.toThrow();
  const refusal = expect.objectContaining({ code: 'DATABASE_REPLACED' });
  expect(() => checkIdentity('2', sound)).toThrow(refusal);
});

test('an old primary behind one address is refused, too', () => {
  expect(() => checkTimeline(undefined, sound)).not.toThrow();
  expect(() => checkTimeline(1, sound)).not.toThrow();
  const refusal = expect.objectContaining({ code: 'DATABASE_UNAVAILABLE' });
  expect(() => checkTimeline(2, sound)).toThrow(refusal);
});

test.each([
  [0, undefined],
  [1_900, undefined],
  [-1_900, undefined],
  [2_500, /2\.[345] s ahead of PostgreSQL's/],
  [-90_000, /(89\.9|90\.0) s behind PostgreSQL's; let NTP/],
])('a clock that is %d ms off', async (offMs, detail) => {
  const checked = checkClock(pool, () => Date.now() + offMs).catch((error: unknown) => error);
  const expected =
    detail === undefined ? undefined : { code: 'CLOCK_OFF', detail: expect.stringMatching(detail) };
  if (expected === undefined) expect(await checked).toBeUndefined();
  else expect(await checked).toMatchObject(expected);
});

test('what somebody waits for a connection does not hide a clock that is off', async () => {
  const held = await pool.connect();
  const checked = checkClock(pool, () => Date.now() + 2_500);
  setTimeout(() => held.release(), 1_000);
  await expect(checked).rejects.toMatchObject({ code: 'CLOCK_OFF' });
});

test('a node whose clock is off does not start', async () => {
  const real = Date.now;
  const now = vi.spyOn(Date, 'now').mockImplementation(() => real() + 5_000);
  onTestFinished(() => now.mockRestore());
  const url = await freshSchema();
  const opened = openDatabase({ dataDir: 'unused', url, exclusive: false, shares: true });
  await expect(opened).rejects.toMatchObject({
    code: 'CLOCK_OFF',
    detail: expect.stringMatching(/(4\.9|5\.[01]) s ahead of PostgreSQL's/),
  });
});

describe('a database belongs to one deployment', () => {
  const bus = { cluster: 'C1', shards: ['a', 'b'] };

  test.each([
    ['the same one', { name: 'north', bus }],
    ['one more shard at the end', { name: 'north', bus: { cluster: 'C1', shards: ['a', 'b', 'c'] } }],
  ])('%s joins, and again', async (_title, ours) => {
    const pool = openPool(await freshSchema(), { connectionsMax: 4 });
    await joinDeployment(pool, { name: 'north' }); // it began on one machine
    await Promise.all([1, 2, 3].map(() => joinDeployment(pool, { name: 'north', bus })));
    await joinDeployment(pool, ours);
    await joinDeployment(pool, ours);
    await pool.end();
  });

  test('its founders are the shards it began with, whatever is added and by whomever', async () => {
    const pool = openPool(await freshSchema(), { connectionsMax: 4 });
    const longer = { cluster: 'C1', shards: ['a', 'b', 'c'] };
    expect(await joinDeployment(pool, { name: 'north', bus })).toEqual({ founders: ['a', 'b'] });
    expect(await joinDeployment(pool, { name: 'north', bus: longer })).toEqual({ founders: ['a', 'b'] });
    await pool.end();
  });

  test('a shard that traded alone is the only founder when it gets others beside it', async () => {
    const pool = openPool(await freshSchema(), { connectionsMax: 1 });
    await joinDeployment(pool, { name: 'north' });
    await pool.query(
      "insert into shards (shard, epoch, format, owner) values ('a', 1, 1, gen_random_uuid()), ('b', 1, 1, gen_random_uuid())",
    );
    await pool.query("update shards set head_position = 7, head_hash = sha256('x') where shard = 'a'");
    expect(await joinDeployment(pool, { name: 'north', bus })).toEqual({ founders: ['a'] });
    await pool.end();
  });

  test.each([
    ['another name', { name: 'south', bus }, /belongs to "north", and this is "south"/],
    [
      'another bus',
      { name: 'north', bus: { cluster: 'C2', shards: ['a', 'b'] } },
      /Kafka cluster C1, and .* C2/,
    ],
    [
      'another part of the same bus',
      { name: 'north', bus: { cluster: 'C1', prefix: 'desk1.', shards: ['a', 'b'] } },
      /Kafka cluster C1, and .*KAFKA_PREFIX.* C1\/desk1\./,
    ],
    ['no bus any more', { name: 'north' }, /set KAFKA_BROKERS here too/],
    [
      'a shard less',
      { name: 'north', bus: { cluster: 'C1', shards: ['a'] } },
      /shards are a,b, and SHARDS says a;/,
    ],
    ['shards in another order', { name: 'north', bus: { cluster: 'C1', shards: ['b', 'a'] } }, /says b,a/],
  ])('%s is DEPLOYMENT_MIXED', async (_title, ours, detail) => {
    const pool = openPool(await freshSchema(), { connectionsMax: 1 });
    await joinDeployment(pool, { name: 'north', bus });
    await expect(joinDeployment(pool, ours)).rejects.toMatchObject({
      code: 'DEPLOYMENT_MIXED',
      detail: expect.stringMatching(detail),
    });
    await joinDeployment(pool, { name: 'north', bus }); // what was recorded stands
    await pool.end();
  });
});
