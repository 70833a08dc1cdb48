/** Migrations on real PostgreSQL: once, all or nothing, and never behind anybody's back. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { emptySchema, freshSchema, schemaOf } from '../../test/schema.ts';
import { checkMigrated, migrate } from './migrations.ts';

const OURS = fileURLToPath(new URL('./migrations', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'itirp-migrations-'));
  await cp(join(OURS, '001_journal.sql'), join(folder, '001_journal.sql'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query({ text: statement, rowMode: 'array' });
    return rows.flat();
  } finally {
    await client.end();
  }
}

test('a second run finds nothing to do', async () => {
  const url = await freshSchema();
  expect(await migrate(inject('postgresUrl'), { schema: schemaOf(url) })).toEqual([]);
});

test('whether something is missing, changed or of a newer program is checked without changing anything', async () => {
  const sums = 'select name from migration_sums';
  const url = await freshSchema();
  await checkMigrated(url);
  await ask(url, "insert into migration_sums values ('900_more', 'sum', false)");
  await checkMigrated(url); // it only adds
  await ask(url, 'alter table migration_sums drop column contracts'); // a record from before there was one
  await expect(checkMigrated(url)).rejects.toMatchObject({ code: 'MIGRATION_UNKNOWN' });
  await ask(url, "delete from migration_sums where name = '900_more'");
  await checkMigrated(url);
  await ask(url, "delete from migration_sums where name like '017%'");
  const before = await ask(url, sums);
  await expect(checkMigrated(url)).rejects.toMatchObject({
    code: 'MIGRATION_MISSING',
    detail: expect.stringContaining('itirp migrate'),
  });
  expect(await ask(url, sums)).toEqual(before);
  await ask(url, "update migration_sums set sha256 = 'another' where name like '003%'");
  await expect(checkMigrated(url)).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
  await expect(checkMigrated(await emptySchema())).rejects.toMatchObject({ code: 'MIGRATION_MISSING' });
});

test('processes that migrate at once take turns, and one of them does the work', async () => {
  const schema = schemaOf(await emptySchema());
  const runs = await Promise.all([1, 2, 3].map(() => migrate(inject('postgresUrl'), { schema, folder })));
  expect(runs.flat()).toEqual(['001_journal']);
});

test('tables are made in the schema that was asked for and nowhere else', async () => {
  const url = await freshSchema();
  const found = `select to_regclass('journal') is not null, to_regclass('public.journal') is not null`;
  expect(await ask(url, found)).toEqual([true, false]);
});

test('an applied file that was changed since is refused by name', async () => {
  const schema = schemaOf(await emptySchema());
  const other = await mkdtemp(join(tmpdir(), 'itirp-migrations-'));
  await writeFile(join(other, '001_first.sql'), 'create table first (a int);');
  await migrate(inject('postgresUrl'), { schema, folder: other });
  await writeFile(join(other, '001_first.sql'), 'create table first (a bigint);');
  await expect(migrate(inject('postgresUrl'), { schema, folder: other })).rejects.toMatchObject({
    code: 'MIGRATION_CHANGED',
    detail: expect.stringContaining('001_first.sql'),
  });
  await rm(other, { recursive: true });
});

async function withFuture(file: string, statement: string): Promise<string> {
  const newer = await mkdtemp(join(tmpdir(), 'itirp-migrations-'));
  await cp(folder, newer, { recursive: true });
  await writeFile(join(newer, file), statement);
  return newer;
}

test('a newer program that adds to the schema leaves room for the older one', async () => {
  const schema = schemaOf(await emptySchema());
  const newer = await withFuture('900_more.sql', 'create table more (a int);');
  await migrate(inject('postgresUrl'), { schema, folder: newer });
  expect(await migrate(inject('postgresUrl'), { schema, folder })).toEqual([]);
  await rm(newer, { recursive: true });
});

test('a database from which a newer program has taken something away is refused', async () => {
  const schema = schemaOf(await emptySchema());
  const less = '-- contract: nobody reads it since release 3\nalter table journal drop column recorded_at;';
  const newer = await withFuture('900_less.sql', less);
  await migrate(inject('postgresUrl'), { schema, folder: newer });
  await expect(migrate(inject('postgresUrl'), { schema, folder })).rejects.toMatchObject({
    code: 'MIGRATION_UNKNOWN',
    detail: expect.stringContaining('900_less'),
  });
  await rm(newer, { recursive: true });
});

test('a database that has gone another way is refused', async () => {
  const schema = schemaOf(await emptySchema());
  const one = await withFuture('900_one.sql', 'create table one (a int);');
  const other = await withFuture('901_other.sql', 'create table other (a int);');
  await migrate(inject('postgresUrl'), { schema, folder: one });
  await expect(migrate(inject('postgresUrl'), { schema, folder: other })).rejects.toMatchObject({
    code: 'MIGRATION_UNKNOWN',
    detail: expect.stringContaining('900_one'),
  });
  await rm(one, { recursive: true });
  await rm(other, { recursive: true });
});

test('a database from before this was kept learns which of its migrations take away', async () => {
  const url = await emptySchema();
  const schema = schemaOf(url);
  await migrate(inject('postgresUrl'), { schema, folder });
  await ask(url, 'alter table migration_sums drop column contracts');
  const newer = await withFuture('900_more.sql', 'create table more (a int);');
  await migrate(inject('postgresUrl'), { schema, folder: newer });
  expect(await ask(url, 'select contracts from migration_sums order by name')).toEqual([false, false]);
  await rm(newer, { recursive: true });
});

test('a migration that fails leaves nothing behind, and can be repaired', async () => {
  const url = await emptySchema();
  const broken = await mkdtemp(join(tmpdir(), 'itirp-migrations-'));
  await writeFile(join(broken, '001_good.sql'), 'create table good (a int);');
  await writeFile(join(broken, '002_bad.sql'), 'create table bad (a nonsense);');
  const options = { schema: schemaOf(url), folder: broken };
  await expect(migrate(inject('postgresUrl'), options)).rejects.toThrow('nonsense');
  expect(await ask(url, "select to_regclass('good') is null")).toEqual([true]);
  await writeFile(join(broken, '002_bad.sql'), 'create table bad (a int);');
  expect(await migrate(inject('postgresUrl'), options)).toEqual(['001_good', '002_bad']);
  await rm(broken, { recursive: true });
});

test('a long read is not waited for, since orders would wait behind: nothing is applied, and it can be repeated', async () => {
  const url = await emptySchema();
  const schema = schemaOf(url);
  await migrate(inject('postgresUrl'), { schema, folder });
  const newer = await withFuture('900_more.sql', 'alter table journal add column more int;');
  const reader = new pg.Client({ connectionString: url });
  await reader.connect();
  await reader.query('begin');
  await reader.query('select from journal');
  await expect(migrate(inject('postgresUrl'), { schema, folder: newer })).rejects.toMatchObject({
    code: 'MIGRATION_BLOCKED',
    mayRetry: true,
  });
  await reader.end();
  expect(await migrate(inject('postgresUrl'), { schema, folder: newer })).toEqual(['900_more']);
  await rm(newer, { recursive: true });
});

test('no PostgreSQL at all is DATABASE_UNAVAILABLE', async () => {
  await expect(migrate('postgres://nobody@127.0.0.1:1/none')).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
  });
});

test('snapshots of an older database learn which journal they are of; one that is of none goes', async () => {
  const url = await emptySchema();
  const schema = schemaOf(url);
  await migrate(inject('postgresUrl'), { schema, folder });
  await ask(
    url,
    `with row_written as (
       insert into journal (shard, first_position, count, epoch, recorded_at, hash, body)
       values ('main', 1, 2, 1, 1, sha256('row'), '')
     ) insert into snapshots (shard, position, state_hash) values ('main', 2, sha256('')), ('main', 1, sha256(''))`,
  );
  await migrate(inject('postgresUrl'), { schema });
  const kept = `select position::int, head_hash = sha256('row') from snapshots`;
  expect(await ask(url, kept)).toEqual([2, true]);
});
