/** `itirp doctor` as an operator runs it: its exit code, its two forms, and a database, a standby and backups for real. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freshDatabase } from '../../test/schema.ts';
import { type Environment, Folder, itirp, Server } from '../../test/server.ts';
import { Pair } from '../../test/standby.ts';
import type { Finding } from '../main/doctor/finding.ts';

let folder: Folder;
beforeAll(async () => {
  folder = await Folder.make();
});
afterAll(() => folder.remove());

/** What a careful operator sets. */
const careful = (): Environment => ({
  SECRET_KEY: randomBytes(32).toString('hex'),
  DATA_DIR: folder.path,
  LOG_LEVEL: 'info',
  TRUST_PROXY: 'true',
});

async function examined(environment: Environment) {
  const { code, output } = await itirp(['doctor', '--json'], environment);
  const findings = JSON.parse(output) as readonly Finding[];
  return { code, words: findings.map(({ grade, about, says }) => `${grade} ${about}: ${says}`).join('\n') };
}

test('something bad is exit code 1, and each trouble comes with what helps', async () => {
  const { code, output } = await itirp(['doctor'], { ...careful(), SECRET_KEY: 'short-and-secret' });
  expect(code).toBe(1);
  expect(output).toMatch(/^BAD +settings +SECRET_KEY is shorter than 32 characters/m);
  expect(output).toMatch(/^ +-> set it right: docs\/configuration\.md/m);
  expect(output).not.toContain('short-and-secret');
});

test('an embedded database is looked into while its platform runs, and started by nobody else', {
  timeout: 240_000,
}, async () => {
  const environment = careful();
  expect((await examined(environment)).words).toMatch(/^warn postgres: there is no embedded database/m);
  expect((await itirp(['migrate'], environment)).code).toBe(0);
  expect((await examined(environment)).words).toMatch(/^warn postgres: .* does not run, and was not looked/m);
  const server = await Server.start([], environment);
  onTestFinished(async () => void (await server.end('SIGTERM')));
  const { code, words } = await examined(environment);
  expect(words).toMatch(/^ok postgres: .* is PostgreSQL \d+, the primary$/m);
  expect(words).toMatch(/^ok schema: every migration is applied$/m);
  expect(words).toMatch(/^ok disk: DATA_DIR /m);
  expect(words).not.toMatch(/^bad|^\w+ replication/m); // one machine's own has no standby, and needs none
  expect(code).toBe(0);
});

test('backups are looked for, and opened with the key at hand', { timeout: 240_000 }, async () => {
  const key = async (name: string, text: string): Promise<string> => {
    const file = join(folder.path, name);
    await writeFile(file, text, { mode: 0o400 });
    return file;
  };
  const environment = {
    ...careful(),
    POSTGRES_URL: await freshDatabase(),
    BACKUP_TO: join(folder.path, 'backups'),
    BACKUP_KEY_FILE: await key('good.key', randomBytes(32).toString('hex')),
  };
  expect((await examined(environment)).words).toMatch(/^bad backups: there is none of itirp in /m);
  expect((await itirp(['migrate'], environment)).code).toBe(0);
  expect((await itirp(['backup'], environment)).code).toBe(0);
  const { words } = await examined(environment);
  expect(words).toMatch(/^ok backups: the newest is 0\.0 hours old: itirp-itirp-/m);
  expect(words).toMatch(/^ok backups: the newest opens with the key at hand$/m);

  const other = { ...environment, BACKUP_KEY_FILE: await key('other.key', randomBytes(32).toString('hex')) };
  expect((await examined(other)).words).toMatch(/^bad backups: itirp-itirp-\S+ does not open: /m);
  const cut = { ...environment, BACKUP_KEY_FILE: await key('cut.key', 'abcdef0123456789abcdef') };
  expect((await examined(cut)).words).toMatch(/^bad backups: BACKUP_KEY_FILE .*less than 32 bytes/m);
  const { BACKUP_KEY_FILE: _, ...keyless } = environment;
  const open = (await examined(keyless)).words;
  expect(open).toMatch(/^warn backups: they are not encrypted$/m);
  expect(open).toMatch(/^bad backups: \S+ does not open: .*encrypted/m);
  const away = { ...environment, BACKUP_TO: 's3://bucket/there', S3_ENDPOINT: 'http://127.0.0.1:1' };
  expect((await examined(away)).words).toMatch(/^bad backups: .*S3_ACCESS_KEY_ID/m);
});

describe('a primary and its standby', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await Pair.start({ synchronous_standby_names: 'server_1' });
  }, 120_000);
  afterAll(() => pair?.end());

  test('are told from each other, and how near the standby is', { timeout: 120_000 }, async () => {
    const environment = {
      ...careful(),
      POSTGRES_URL: pair.bothUrl,
      POSTGRES_REPLICA_URL: pair.url(1),
    };
    expect((await itirp(['migrate'], environment)).code).toBe(0);
    const both = (await examined(environment)).words;
    expect(both).toMatch(/^ok postgres: 127\.0\.0\.1:\d+ is PostgreSQL \d+, the primary$/m);
    expect(both).toMatch(/^ok postgres: 127\.0\.0\.1:\d+ is PostgreSQL \d+, a standby$/m);
    expect(both).toMatch(/^ok replication: each commit waits for 1 of 1 synchronous standbys$/m);
    expect(both).toMatch(
      /^warn replication: when one synchronous standby fails, every commit waits for it$/m,
    );
    expect(both).toMatch(/^ok replication: server_1 \(sync\) is streaming, /m);
    expect(both).toMatch(/^ok replica: .* has replayed all but 0\.0 s$/m);
    expect(both).not.toMatch(/^bad (postgres|replica|replication)/m);

    await pair.kill(1);
    const alone = (await examined(environment)).words;
    expect(alone).toMatch(/^bad replication: commits wait for 1 standbys of "server_1", and 0 are there$/m);
    expect(alone).toMatch(/^warn replication: nobody uses the slot server_1$/m);
    expect(alone).toMatch(/^bad replica: /m);

    await pair.run(1);
    await pair.kill(0);
    const left = (await examined(environment)).words;
    expect(left).toMatch(/^bad postgres: each one that answers is a standby, or refuses writes$/m);
  });
});
