/** The doctor before a real PostgreSQL: each fault is found for real, and what is well is said to be. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../../test/schema.ts';
import { Folder } from '../../../test/server.ts';
import { openDatabase } from '../../database/database.ts';
import { migrate } from '../../database/migrations.ts';
import { findingsOf, openMute, urlWith, wordsOf } from './examined.fixture.ts';

const run = randomBytes(4).toString('hex');
let mute: Awaited<ReturnType<typeof openMute>>;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  mute = await openMute();
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
afterAll(() => {
  mute.server.close();
});

/** A user of its own, set up as `settings` say; gone with the test. */
const userWith = (database: string, ...settings: readonly string[]): Promise<string> =>
  userThat('superuser', database, settings);

async function userThat(
  may: 'superuser' | 'nosuperuser',
  database: string,
  settings: readonly string[] = [],
): Promise<string> {
  const name = `doctor_${run}_${randomBytes(3).toString('hex')}`;
  const admin = new pg.Client({ connectionString: database });
  await admin.connect();
  await admin.query(`create role ${name} login ${may} password 'right-and-long'`);
  for (const setting of settings) await admin.query(`alter role ${name} set ${setting}`);
  closing.push(async () => {
    await admin.query(`drop role ${name}`);
    await admin.end();
  });
  return urlWith(database, { username: name, password: 'right-and-long' });
}

describe('PostgreSQL', () => {
  let database: string;
  let client: pg.Client;
  beforeAll(async () => {
    database = await freshDatabase();
    client = new pg.Client({ connectionString: database });
    await client.connect();
  });
  afterAll(() => client?.end());

  test('is well when it answers, keeps what it confirms and holds the schema', async () => {
    const before = wordsOf(await findingsOf('postgres', { POSTGRES_URL: database }));
    expect(before).toMatch(/^warn schema: \d+ migrations are not applied, from 001_/m);
    expect(before).toMatch(/^ok deployment: the database belongs to none yet$/m);

    await migrate(database);
    const after = wordsOf(await findingsOf('postgres', { POSTGRES_URL: database }));
    expect(after).toMatch(/^ok postgres: 127\.0\.0\.1:\d+ is PostgreSQL 18, the primary$/m);
    expect(after).toMatch(/^ok postgres: it keeps what it confirms/m);
    expect(after).toMatch(/^ok clock: /m);
    expect(after).toMatch(/^ok schema: every migration is applied$/m);
    expect(after).toMatch(/^ok postgres: no TimescaleDB/m);
    expect(after).toMatch(/^warn replication: no standby is waited for/m); // as long as there is none
    expect(after).not.toMatch(/^bad/m);
  });

  test('that belongs to another deployment, or whose schema was changed, is bad', async () => {
    await migrate(database);
    await client.query("insert into deployment (name, cluster, shards) values ('desk', 'abc', '{one,two}')");
    closing.push(() => client.query('delete from deployment'));
    const other = wordsOf(await findingsOf('postgres', { POSTGRES_URL: database }));
    expect(other).toMatch(/^bad deployment: .*it belongs to "desk", and this is "itirp"/m);
    const busless = wordsOf(await findingsOf('postgres', { POSTGRES_URL: database, DEPLOYMENT: 'desk' }));
    expect(busless).toMatch(/^bad deployment: .*its nodes speak over Kafka/m);
    const many = {
      POSTGRES_URL: database,
      DEPLOYMENT: 'desk',
      KAFKA_BROKERS: '127.0.0.1:1',
      REDIS_URL: 'redis://x',
    };
    const shards = wordsOf(await findingsOf('postgres', { ...many, SHARDS: 'two,one' }));
    expect(shards).toMatch(/^bad deployment: .*its shards are one,two, and SHARDS says two,one/m);
    const same = wordsOf(await findingsOf('postgres', { ...many, SHARDS: 'one,two,three' }));
    expect(same).toMatch(/^ok deployment: the database belongs to "desk"$/m);

    await client.query("update migration_sums set sha256 = 'x' || sha256 where name like '003%'");
    closing.push(() =>
      client.query("update migration_sums set sha256 = substr(sha256, 2) where name like '003%'"),
    );
    const changed = wordsOf(await findingsOf('postgres', { POSTGRES_URL: database }));
    expect(changed).toMatch(/^bad schema: 003_\w+ was applied and is another file now$/m);
  });

  test.each([
    ['synchronous_commit = off', /^bad postgres: synchronous_commit is off/m],
    ['idle_session_timeout = 60000', /^warn postgres: idle_session_timeout is 60000/m],
    ["timezone = 'Europe/Berlin'", /^warn postgres: TimeZone is Europe\/Berlin/m],
    ['default_transaction_read_only = on', /^bad postgres: each one that answers .* refuses writes/m],
  ])('for whose user %s is told', async (setting, says) => {
    const url = await userWith(database, setting);
    expect(wordsOf(await findingsOf('postgres', { POSTGRES_URL: url }))).toMatch(says);
  });

  test('whose user may not see the sessions of others is told so, and what lets him see', async () => {
    const url = await userThat('nosuperuser', database);
    const findings = await findingsOf('postgres', { POSTGRES_URL: url });
    const unseen = findings.filter(({ says }) => says.includes('cannot be seen'));
    expect(unseen).toEqual([
      {
        grade: 'warn',
        about: 'postgres',
        says: 'how many connections are open cannot be seen',
        remedy: `let the user of POSTGRES_URL see it: grant pg_monitor to ${new URL(url).username}`,
      },
    ]);
    expect(wordsOf(findings)).toMatch(/^ok postgres: max_connections leaves room for \d+, and a node/m);
    await client.query(`grant pg_monitor to ${new URL(url).username}`);
    const seen = wordsOf(await findingsOf('postgres', { POSTGRES_URL: url }));
    expect(seen).not.toMatch(/cannot be seen/);
    expect(seen).toMatch(/^ok postgres: max_connections leaves room for \d+, \d+ are open/m);
  });

  test('whose connections do not suffice is bad', async () => {
    const findings = await findingsOf('postgres', { POSTGRES_URL: database, POSTGRES_POOL_MAX: '190' });
    expect(wordsOf(findings)).toMatch(
      /^bad postgres: max_connections leaves room for \d+, .* opens up to 399$/m,
    );
  });

  test('that does not let us in, is not there, or says nothing is bad, and soon; no password is shown', async () => {
    const word = 'wrong-and-secret';
    const refused = await findingsOf('postgres', { POSTGRES_URL: urlWith(database, { password: word }) });
    expect(wordsOf(refused)).toMatch(
      /^bad postgres: .*password authentication failed.*look at user and password/m,
    );
    const absent = await findingsOf('postgres', { POSTGRES_URL: `postgres://u:${word}@127.0.0.1:1/x` });
    expect(wordsOf(absent)).toMatch(/^bad postgres: 127\.0\.0\.1:1: .*ECONNREFUSED/m);
    const began = performance.now();
    const silent = await findingsOf('postgres', {
      POSTGRES_URL: `postgres://u:${word}@127.0.0.1:${mute.port}/x`,
    });
    expect(wordsOf(silent)).toMatch(/^bad postgres: .*timeout/m);
    expect(performance.now() - began).toBeLessThan(20_000);
    const unread = await findingsOf('postgres', { POSTGRES_URL: `mysql://u:${word}@x/y` });
    expect(wordsOf(unread)).toMatch(/^bad postgres: .*does not read as postgres:/m);
    for (const findings of [refused, absent, silent, unread])
      expect(JSON.stringify(findings)).not.toContain(word);
  });

  test('with a second host that is away works, and is told of', async () => {
    const two = database.replace(/@([^/]+)\//, '@127.0.0.1:1,$1/');
    const words = wordsOf(await findingsOf('postgres', { POSTGRES_URL: two }));
    expect(words).toMatch(/^warn postgres: 127\.0\.0\.1:1: .*ECONNREFUSED/m);
    expect(words).toMatch(/^ok postgres: .*the primary$/m);
  });

  test('with a replica that takes writes, or is away, is told', async () => {
    const replica = async (url: string): Promise<string> =>
      wordsOf(await findingsOf('postgres', { POSTGRES_URL: database, POSTGRES_REPLICA_URL: url }));
    expect(await replica(database)).toMatch(/^warn replica: .* takes writes: it is no standby$/m);
    expect(await replica('postgres://u@127.0.0.1:1/x')).toMatch(
      /^bad replica: 127\.0\.0\.1:1: .*ECONNREFUSED/m,
    );
  });

  test('whose tools have left a record is told when they last went well', async () => {
    await migrate(database);
    await client.query(`insert into maintenance_runs (id, kind, at, outcome) values
      (gen_random_uuid(), 'backup', now() - interval '2 hours', 'good'),
      (gen_random_uuid(), 'drill', now() - interval '2 days', 'begun')`);
    const words = wordsOf(await findingsOf('postgres', { POSTGRES_URL: database }));
    expect(words).toMatch(/^ok backup: the last good one is of /m);
    expect(words).toMatch(/^warn drill: the last one failed or never ended, at .*none ever went well$/m);
    expect(words).toMatch(/^warn verify: none is on record$/m);
    expect(words).not.toContain('checkpoints: none'); // who keeps none need not hold the journal against them
  });
});

test('an embedded database is found as it is: one that stands is not started, one that runs goes on', async () => {
  const folder = await Folder.make();
  closing.push(() => folder.remove());
  const look = async (): Promise<string> => wordsOf(await findingsOf('postgres', { DATA_DIR: folder.path }));
  const database = await openDatabase({ dataDir: folder.path, exclusive: true });
  expect(await look()).toMatch(/^ok postgres: 127\.0\.0\.1:\d+ is PostgreSQL 18, the primary$/m);
  const pool = database.pool({ connectionsMax: 1 });
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await database.close();
  expect(await look()).toMatch(/^warn postgres: the embedded database in .* does not run/);
  expect(existsSync(join(folder.path, 'postgres', 'postmaster.pid'))).toBe(false);
});
