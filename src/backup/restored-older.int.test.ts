/** A backup outlives the schema that it was taken of: an older one is restored and brought up to date, a newer one refused. */
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { emptySchema, freshSchema, schemaOf } from '../../test/schema.ts';
import { migrate } from '../database/migrations.ts';
import { openPool } from '../database/pool.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { verify } from '../journal/verifier.ts';
import { takeBackup } from './backups.ts';
import { migrationsIn } from './catalogue-postgres.ts';
import { inspect } from './inspection.ts';
import { PostgresBackupSource } from './source-postgres.ts';
import { PostgresRestoreTarget } from './target-postgres.ts';
import { SHARDS, stateHashAt, TradingHouse } from './trading-house.fixture.ts';
import { FolderVault } from './vault-folder.ts';

const MIGRATIONS = fileURLToPath(new URL('../database/migrations', import.meta.url));
let folder: string;
let names: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'itirp-older-'));
  names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
});
afterAll(() => rm(folder, { recursive: true }));

/** A schema as a program had made it that knew the first `count` migrations. */
async function schemaAsOf(count: number): Promise<string> {
  const known = join(folder, `first-${count}`);
  await mkdir(known);
  for (const name of names.slice(0, count)) await cp(join(MIGRATIONS, name), join(known, name));
  const url = await emptySchema();
  await migrate(inject('postgresUrl'), { schema: schemaOf(url), folder: known });
  return url;
}

const vault = () => new FolderVault(join(folder, 'kept'));
const backupOf = (pool: pg.Pool, program: string) =>
  takeBackup({
    vault: vault(),
    source: new PostgresBackupSource(pool, program),
    deployment: 'test',
    secret: undefined,
  });
const restoring = (name: string, url: string) =>
  inspect(vault().read(name), {
    secret: undefined,
    target: new PostgresRestoreTarget({ url: inject('postgresUrl'), schema: schemaOf(url) }),
  });

async function applied(pool: pg.Pool): Promise<readonly string[]> {
  const client = await pool.connect();
  try {
    return (await migrationsIn(client)).map(({ name }) => `${name}.sql`);
  } finally {
    client.release();
  }
}

/** 9: the first with the firm over several shards. -1: all but the newest. */
test.each([9, -1])(
  'a backup of an older schema (%i) is restored, and the schema then brought up to date',
  async (upTo) => {
    const count = upTo < 0 ? names.length + upTo : upTo;
    const house = await TradingHouse.open(await schemaAsOf(count));
    await house.place(10);
    expect(await applied(house.pool)).toEqual(names.slice(0, count));
    const taken = await backupOf(house.pool, '0.0.9');
    const url = await emptySchema();
    const inspection = await restoring(taken.name, url);

    const pool = openPool(url);
    expect(await applied(pool)).toEqual(names);
    expect(inspection.shards.map(({ shard }) => shard)).toEqual([...SHARDS]);
    for (const { shard, head, stateHash } of inspection.shards) {
      const journal = new PostgresJournal({ url, pool: () => pool }, shard);
      expect(await verify(journal)).toMatchObject({ isSound: true, head });
      expect(head).toEqual(await house.journal(shard).head());
      expect(stateHash.toString('hex')).toBe(await stateHashAt(journal, head.position));
      expect((await journal.claim()).head).toEqual(head); // and it goes on
      await journal.close();
    }
    expect((await pool.query('select username from users order by username')).rows).toHaveLength(2);
    await pool.end();
    await house.close();
  },
);

test('a backup of a newer program is refused, with the program that reads it, and leaves nothing behind', async () => {
  const house = await TradingHouse.open(await freshSchema());
  await house.place(3);
  await house.pool.query(
    "insert into migration_sums (name, sha256, contracts) values ('999_later', 'ab', false)",
  );
  const { name } = await backupOf(house.pool, '9.9.9');
  const url = await emptySchema();
  await expect(restoring(name, url)).rejects.toMatchObject({
    code: 'MIGRATION_UNKNOWN',
    detail: expect.stringMatching(
      /999_later of the backup is not known here; restore with program 9\.9\.9, or a newer one/,
    ),
  });
  const pool = openPool(url);
  const { rows } = await pool.query(
    'select relname from pg_class where relnamespace = current_schema()::regnamespace',
  );
  expect(rows).toEqual([]); // the program that knows it can restore into the same database
  await pool.end();
  await house.close();
});
