/**
 * PostgreSQL itself brought back to a moment: a base copy, the archived log, and the journal that ends exactly there. Steps
 * and settings are those of docs/operations/backup.md; the settings are read from there.
 */
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../stack/ports.ts';
import { baseCopy, makePrimary, type RunningServer, startServer } from '../../stack/postgres-standby.ts';
import { itirp } from '../../test/server.ts';
import { type Binaries, findBinaries } from '../database/binaries.ts';
import { migrate } from '../database/migrations.ts';
import { openPool } from '../database/pool.ts';
import type { Head } from '../journal/journal.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { verify } from '../journal/verifier.ts';
import { SHARDS, stateHashAt, TradingHouse } from './trading-house.fixture.ts';

const WHO = { user: 'itirp', password: 'a password for tests' };
let root: string;
let archive: string;
let copy: string;
/** What the page says for the server that goes back. */
let recovery: string;
let binaries: Binaries;
/** Where the journals stood at the moment to come back to, and what their facts came to. */
const noted = new Map<string, { head: Head; stateHash: string }>();
const targets: Record<string, string> = {};
const running: RunningServer[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'itirp-pitr-'));
  await chmod(root, 0o755);
  archive = join(root, 'archive');
  copy = join(root, 'base');
  await mkdir(archive);
  await chmod(archive, 0o777); // the server may run as somebody else
  binaries = await findBinaries();
  const [onPrimary = '', toGoBack = ''] = await settingsOfPage();
  recovery = toGoBack;
  const primary = await started('primary', valuesIn(onPrimary));
  await migrate(primary.url);
  const house = await TradingHouse.open(primary.url);
  const session = new pg.Client({ connectionString: primary.url });
  await session.connect();
  await house.place(20);
  house.trade();
  await baseCopy(session, copy); // while orders flow
  await house.rest();
  await house.place(5);
  for (const shard of SHARDS) {
    const head = await house.journal(shard).head();
    noted.set(shard, { head, stateHash: await stateHashAt(house.journal(shard), head.position) });
  }
  const { rows } = await session.query<{ time: string; lsn: string }>(
    `select clock_timestamp()::text as time, pg_create_restore_point('before the mistake')::text as lsn`,
  );
  targets.recovery_target_time = rows[0]?.time ?? '';
  targets.recovery_target_name = 'before the mistake';
  targets.recovery_target_lsn = rows[0]?.lsn ?? '';
  await sleep(20);
  await house.place(30); // the mistake
  await archived(session);
  await session.end();
  await house.close();
  await primary.kill();
}, 120_000);
afterAll(async () => {
  for (const server of running) await server.kill();
  await rm(root, { recursive: true, force: true });
});

/** The two lists of settings in the page's section, for this archive. */
async function settingsOfPage(): Promise<readonly string[]> {
  const page = await readFile(new URL('../../docs/operations/backup.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('## Back to a moment');
  const [, ...blocks] = section.split(/```ini$/m);
  const settings = blocks.map((block) => block.slice(0, block.indexOf('```')).replaceAll(/^ +/gm, ''));
  return settings.map((lines) => lines.replaceAll('/srv/archive', archive));
}

const valuesIn = (settings: string): Record<string, string> =>
  Object.fromEntries(
    [...settings.matchAll(/^(\w+) = (?:'(.*)'|(\w+))/gm)].map(([, name, quoted, word]) => [
      name,
      quoted ?? word,
    ]),
  );

async function started(name: string, settings: Record<string, string>): Promise<RunningServer> {
  const folder = join(root, name);
  if (name === 'primary') await makePrimary({ binaries, folder, ...WHO });
  const [port = 0] = await freePorts(1);
  const logFile = join(root, `${name}.log`);
  const server = await startServer({ binaries, folder, port, logFile, settings, ...WHO });
  running.push(server);
  return server;
}

/** The log up to now is in the archive. */
async function archived(session: pg.Client): Promise<void> {
  const { rows } = await session.query<{ file: string }>('select pg_walfile_name(pg_switch_wal()) as file');
  for (;;) {
    const found = await session.query<{ is: boolean }>(
      'select last_archived_wal >= $1 as is from pg_stat_archiver',
      [rows[0]?.file],
    );
    if (found.rows[0]?.is === true) return;
    await sleep(50);
  }
}

/** A stopped server that will come back to the target and go on from there. */
async function comingBackTo(name: string, target: string): Promise<string> {
  const folder = join(root, `to ${name}`);
  await cp(copy, folder, { recursive: true });
  await writeFile(join(folder, 'recovery.signal'), '');
  const settings = recovery.replace(/^recovery_target_time = .*$/m, `${name} = '${target}'`);
  expect(settings).toContain(target);
  await writeFile(join(folder, 'postgresql.auto.conf'), settings);
  return `to ${name}`;
}

async function takesWrites(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const isReady = async (): Promise<unknown> =>
    (await client.query<{ is: boolean }>('select not pg_is_in_recovery() as is')).rows[0]?.is;
  await expect.poll(isReady, { timeout: 60_000, interval: 50 }).toBe(true);
  await client.end();
}

test.each(['recovery_target_time', 'recovery_target_name', 'recovery_target_lsn'])(
  'brought back by %s, every journal ends where it stood, is whole, and takes new facts',
  async (name) => {
    const server = await started(await comingBackTo(name, targets[name] ?? ''), {});
    await takesWrites(server.url);
    const { code, output } = await itirp(['verify'], { POSTGRES_URL: server.url });
    expect([code, output]).toEqual([0, expect.stringContaining('sound')]);
    const pool = openPool(server.url);
    for (const shard of SHARDS) {
      const journal = new PostgresJournal({ url: server.url, pool: () => pool }, shard);
      const was = noted.get(shard);
      expect(await verify(journal)).toMatchObject({ isSound: true, head: was?.head });
      expect(await stateHashAt(journal, (await journal.head()).position)).toBe(was?.stateHash);
      expect((await journal.claim()).head).toEqual(was?.head);
      await journal.close();
    }
    await pool.end();
    await server.stop();
  },
);
