/** A schema of its own for each test file, or a whole database: files cannot disturb each other. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, inject } from 'vitest';
import { migrate } from '../src/database/migrations.ts';
import { withSchema } from '../src/database/pool.ts';

/** The URL of a fresh, migrated schema; it is dropped after the file's last test. */
export async function freshSchema(): Promise<string> {
  const url = await emptySchema();
  const schema = schemaOf(url);
  await migrate(inject('postgresUrl'), { schema });
  return url;
}

/** The URL of a schema without any table. */
export async function emptySchema(): Promise<string> {
  const schema = `test_${randomBytes(6).toString('hex')}`;
  await run(`create schema ${schema}`);
  afterAll(() => run(`drop schema ${schema} cascade`));
  return withSchema(inject('postgresUrl'), schema);
}

/** The URL of an empty database, for a test that starts whole nodes: they make their tables in the default schema. */
export async function freshDatabase(): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await run(`create database ${name}`);
  afterAll(() => run(`drop database ${name} with (force)`));
  return Object.assign(new URL(inject('postgresUrl')), { pathname: `/${name}` }).href;
}

/** The name of the schema that a URL of ours leads to. */
export const schemaOf = (url: string): string => {
  const options = new URL(url).searchParams.get('options') ?? '';
  return options.replace('-c search_path=', '');
};

async function run(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
