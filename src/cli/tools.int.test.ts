/** The operator's tools as an operator meets them: what they refuse, what they say, and what they leave alone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { freshDatabase } from '../../test/schema.ts';
import { Folder, itirp } from '../../test/server.ts';

let folder: Folder;
beforeAll(async () => {
  folder = await Folder.make();
});
afterAll(() => folder.remove());

const PASSWORD = 'correct horse battery staple';

test.each([
  'verify',
  'rebuild',
  'user list',
  'user disable alice',
  'user enable alice',
  'user password alice',
])('%s on a folder without a database says so, and makes none', async (words) => {
  const dataDir = join(folder.path, 'nobody-made-this');
  const ended = await itirp([...words.split(' '), '--data-dir', dataDir], {}, `${PASSWORD}\n`);
  expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('[DATABASE_MISSING]')]);
  expect(ended.output).toContain(dataDir);
  expect(ended.output).toContain('itirp migrate');
  expect(existsSync(dataDir)).toBe(false);
});

test.each([
  ['a short password', ['alice'], 'short', 'at least 12 characters'],
  ['a name with a space', ['al ice'], PASSWORD, 'a name is 1 to 64'],
  ['an account in lower case', ['alice', '--account', 'mine'], PASSWORD, 'an account is 1 to 32'],
])('%s is a wrong command line, not a wrong configuration', async (_what, args, password, says) => {
  const dataDir = join(folder.path, 'never');
  const words = ['user', 'add', '--role', 'TRADER', '--data-dir', dataDir, ...args];
  const ended = await itirp(words, {}, `${password}\n`);
  expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('[ARGUMENT_INVALID]')]);
  expect(ended.output).toContain(says);
  expect(existsSync(dataDir)).toBe(false);
});

test.each(['verify', 'verify --checkpoints none', 'drill --from none', 'backup --to none'])(
  '%s on a schema that lacks migrations says so, and applies none: nodes of an older program may run on it',
  async (words) => {
    const url = await freshDatabase();
    const ended = await itirp(words.split(' '), { POSTGRES_URL: url });
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('[MIGRATION_MISSING]')]);
    expect(ended.output).toContain('run `itirp migrate` first');
    const tables = await statement("select from pg_tables where schemaname = 'public'", url);
    expect(tables).toBe(0);
  },
);

describe('users', () => {
  const name = `users_${process.pid}`;
  let settings: Record<string, string>;
  beforeAll(async () => {
    await statement(`create database ${name}`);
    const url = new URL(inject('postgresUrl'));
    url.pathname = `/${name}`;
    settings = { POSTGRES_URL: url.href };
  });
  afterAll(() => statement(`drop database ${name} with (force)`));
  const user = async (...args: string[]) => await itirp(['user', ...args], settings, `${PASSWORD}\n`);

  test('are added once, disabled, enabled, listed under a header and given new passwords', async () => {
    expect((await user('list')).output).toContain('no users yet: itirp user add NAME --role TRADER');
    expect((await user('add', 'alice', '--role', 'TRADER')).code).toBe(0);
    const again = await user('add', 'alice', '--role', 'ADMIN');
    expect([again.code, again.output]).toEqual([1, expect.stringContaining('[USER_EXISTS]')]);
    expect(again.output).toContain('itirp user password alice');
    expect((await user('disable', 'alice')).output).toMatch(/disabled alice\n$/);
    expect((await user('list')).output).toMatch(
      /^on .*\nNAME +ROLE +ACCOUNT +NOTES\nalice +TRADER +HOUSE +disabled\n$/,
    );
    expect((await user('enable', 'alice')).output).toMatch(/enabled alice\n$/);
    expect((await user('list')).output).toMatch(/alice +TRADER +HOUSE\n$/);
    expect((await user('password', 'alice')).output).toMatch(/set a new password for alice\n$/);
    const nobody = await user('password', 'bob');
    expect([nobody.code, nobody.output]).toEqual([1, expect.stringContaining('[USER_UNKNOWN]')]);
  });
});

/** Returns how many rows there are. */
async function statement(text: string, url = inject('postgresUrl')): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}
