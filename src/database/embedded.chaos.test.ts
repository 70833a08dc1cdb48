/** The embedded server among several processes that come, go and are killed; also as root in a folder closed to others. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../faults/fault.ts';
import { findBinaries } from './binaries.ts';
import { openDatabase } from './database.ts';
import { findPostmaster, stopPostmaster } from './postmaster.ts';

const USER = new URL('../../test/database-user.ts', import.meta.url).pathname;
let dataDir: string;
let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'itirp-embedded-')); // 0700, as every mkdtemp
  folder = join(dataDir, 'postgres');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  const left = await findPostmaster(folder);
  if (left) await stopPostmaster(left, 10_000);
  await rm(dataDir, { recursive: true, force: true });
});

interface User {
  readonly child: ChildProcess;
  readonly said: Record<string, unknown>;
  /** Ends its work in good order. */
  leave(): Promise<void>;
}

/** Starts another process that opens the database, and waits for its first word. */
async function user(kind: 'exclusive' | 'shared', as: { uid?: number; gid?: number } = {}): Promise<User> {
  const options = { ...as, stdio: ['pipe', 'pipe', 'inherit'] as ['pipe', 'pipe', 'inherit'] };
  const child = spawn(process.execPath, [USER, dataDir, kind], options);
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the other process ended with ${code}, and without a word`);
  });
  const [line] = await Promise.race([once(lines, 'line'), ended]);
  ended.catch(() => {}); // later it may end as it likes
  const said = JSON.parse(String(line)) as Record<string, unknown>;
  const leave = async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { child, said, leave };
}

const canRead = (file: string, person: { uid: number; gid: number }): Promise<boolean> =>
  promisify(execFile)('test', ['-r', file], person).then(
    () => true,
    () => false,
  );

/** Pid 0 would be ourselves: a signal needs somebody to go to. `to` -1: his whole process group. */
function signal(pid: number | undefined, name: NodeJS.Signals, to: 1 | -1 = 1): void {
  if (pid === undefined || pid <= 1) throw new Error('nobody to send a signal to');
  process.kill(to * pid, name);
}
const isRunning = async () => (await findPostmaster(folder)) !== undefined;
async function kill(victim: User): Promise<void> {
  victim.child.kill('SIGKILL');
  await once(victim.child, 'exit');
}

test('opens, keeps what was written over a restart, and leaves nothing running', async () => {
  const first = await openDatabase({ dataDir, exclusive: true });
  await first.pool().query('create table kept as select 9007199254740993 as n');
  await first.close();
  expect(await isRunning()).toBe(false);
  const second = await openDatabase({ dataDir, exclusive: true });
  expect((await second.pool().query('select n from kept')).rows).toEqual([{ n: 9007199254740993n }]);
  await second.close();
  expect(await isRunning()).toBe(false);
});

test('is durable, checksummed, on the loopback address alone and closed by a password', async () => {
  const database = await openDatabase({ dataDir, exclusive: true });
  const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'listen_addresses'];
  const { rows } = await database
    .pool()
    .query<{ setting: string }>(
      'select setting from unnest($1::text[]) with ordinality as n (name, o) join pg_settings using (name) order by o',
      [names],
    );
  expect(rows.map(({ setting }) => setting)).toEqual(['on', 'on', 'on', 'on', '127.0.0.1']);
  expect((await stat(join(dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600);
  const url = new URL(database.url);
  url.password = 'guess';
  await expect(openDatabase({ dataDir, url: url.href, exclusive: false })).rejects.toThrow(
    'authentication failed',
  );
  await database.close();
});

test('a second server is refused and told so, also after it was refused once', async () => {
  const server = await openDatabase({ dataDir, exclusive: true });
  for (let i = 0; i < 2; i += 1) {
    await expect(openDatabase({ dataDir, exclusive: true })).rejects.toMatchObject({
      code: 'DATABASE_IN_USE',
    });
  }
  await expect(
    openDatabase({ dataDir, url: server.url, exclusive: true }),
    'nor by another way to the same database',
  ).rejects.toMatchObject({ code: 'DATABASE_IN_USE' });
  expect((await server.pool().query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await server.close();
});

test('of two users the last one stops the server, in whatever order they came', async () => {
  const server = await user('exclusive');
  const tool = await user('shared');
  expect(tool.said.url).toBe(server.said.url);
  await server.leave();
  expect(await isRunning()).toBe(true);
  await tool.leave();
  expect(await isRunning()).toBe(false);
});

test('many that start at once on a fresh folder share one server', async () => {
  const users = await Promise.all([1, 2, 3, 4].map(() => user('shared')));
  expect(new Set(users.map(({ said }) => said.url)).size).toBe(1);
  await Promise.all(users.map((one) => one.leave()));
  expect(await isRunning()).toBe(false);
});

test('one that comes while the last one leaves gets a server', async () => {
  for (let i = 0; i < 3; i += 1) {
    const leaver = await user('shared');
    const [comer] = await Promise.all([user('exclusive'), leaver.leave()]);
    expect(comer.said.opened).toBe(true);
    await comer.leave();
    expect(await isRunning()).toBe(false);
  }
});

test('a server whose owner was killed is adopted by the next, with all that was committed', async () => {
  const owner = await user('exclusive');
  const before = await findPostmaster(folder);
  await kill(owner);
  expect(await isRunning()).toBe(true);
  const heir = await openDatabase({ dataDir, exclusive: true });
  expect(await findPostmaster(folder)).toEqual(before);
  await heir.close();
  expect(await isRunning()).toBe(false);
});

test('a Ctrl-C that reaches the whole process group leaves the server to its users', async () => {
  const child = spawn(process.execPath, [USER, dataDir, 'shared'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(createInterface({ input: child.stdout }), 'line');
  signal(child.pid, 'SIGINT', -1);
  await once(child, 'exit');
  expect(await isRunning()).toBe(true);
});

test('a server that was killed itself is started again for the one that uses it, at the same place', async () => {
  const told: string[] = [];
  const database = await openDatabase({ dataDir, exclusive: true, log: (message) => told.push(message) });
  const pool = database.pool();
  await pool.query('create table kept as select 1 as n');
  const victim = await findPostmaster(folder);
  signal(victim?.pid, 'SIGKILL');
  await expect.poll(() => told.join('\n'), { timeout: 30_000 }).toContain('PostgreSQL is back');
  expect((await pool.query('select n from kept')).rowCount).toBe(1);
  await expect(openDatabase({ dataDir, exclusive: true })).rejects.toMatchObject({ code: 'DATABASE_IN_USE' });
  await database.close();
});

test('a server that another one displaced during an outage is told to stop', async () => {
  const faults: string[] = [];
  const onDisplaced = ({ code }: Fault) => faults.push(code);
  const holder = await openDatabase({ dataDir, exclusive: false });
  const first = await openDatabase({ dataDir, exclusive: true, onDisplaced });
  const pool = holder.pool();
  const { rows } = await pool.query<{ pid: number; space: number; lock: number }>(
    `select pid, classid::int8::int as space, (objid::int8 - case when objid::int8 >= 2 ^ 31 then 2 ^ 32 else 0 end)::int as lock
     from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock'`,
  );
  const held = rows[0];
  const usurper = await pool.connect();
  const usurped = usurper.query('select pg_advisory_lock($1, $2)', [held?.space, held?.lock]); // next in line
  await pool.query('select pg_terminate_backend($1)', [held?.pid]);
  await usurped;
  await expect.poll(() => faults, { timeout: 30_000 }).toEqual(['DATABASE_IN_USE']);
  usurper.release(true);
  await first.close();
  await holder.close();
});

test('an initialisation that was killed half way leaves nothing that is taken for a database', async () => {
  await mkdir(`${folder}.new`);
  await writeFile(join(`${folder}.new`, 'PG_VERSION'), '18');
  const database = await openDatabase({ dataDir, exclusive: true });
  await database.close();
  expect(existsSync(`${folder}.new`)).toBe(false);
});

test('a folder of another PostgreSQL version is refused with what to do', async () => {
  await (await openDatabase({ dataDir, exclusive: true })).close();
  await writeFile(join(folder, 'PG_VERSION'), '15\n');
  await expect(openDatabase({ dataDir, exclusive: true })).rejects.toMatchObject({
    code: 'DATABASE_VERSION',
    detail: expect.stringMatching(/made by PostgreSQL 15.*are 18.*ITIRP_PG_BIN/),
  });
});

test('a server that does not start says why', async () => {
  await (await openDatabase({ dataDir, exclusive: true })).close();
  await writeFile(join(folder, 'postgresql.conf'), 'no_such_setting = 1\n');
  await expect(openDatabase({ dataDir, exclusive: true })).rejects.toMatchObject({
    code: 'DATABASE_LAUNCH',
    detail: expect.stringContaining('no_such_setting'),
  });
});

describe.runIf(process.getuid?.() === 0)('started by root', () => {
  const ownerOf = async (path: string) => (await stat(path)).uid;
  const uidOfServer = async () => {
    const status = await readFile(`/proc/${(await findPostmaster(folder))?.pid}/status`, 'utf8');
    return Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1]);
  };

  test('it does not run as root, though the folder is closed to others', async () => {
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect(await ownerOf(dataDir)).toBe(0);
    const database = await openDatabase({ dataDir, exclusive: true });
    expect(await uidOfServer()).not.toBe(0);
    expect(await ownerOf(folder)).toBe(await uidOfServer());
    await database.close();
  });

  test('nor where programs and data both are in a closed folder', async () => {
    const { postgres } = await findBinaries();
    await promisify(execFile)('cp', ['-a', join(postgres, '..', '..'), join(dataDir, 'native')]);
    process.env.ITIRP_PG_BIN = join(dataDir, 'native', 'bin');
    try {
      const database = await openDatabase({ dataDir, exclusive: true });
      expect(await uidOfServer()).not.toBe(0);
      await database.close();
    } finally {
      delete process.env.ITIRP_PG_BIN;
    }
  });

  test('a folder that belongs to somebody is run as him, and he can go on without root', async () => {
    const owner = { uid: 65_534, gid: 65_534 };
    await promisify(execFile)('chown', [`${owner.uid}:${owner.gid}`, dataDir]);
    const asRoot = await openDatabase({ dataDir, exclusive: true });
    expect(await uidOfServer()).toBe(owner.uid);
    await asRoot.pool().query('create table kept as select 1 as n');
    await asRoot.close();
    await chmod(dataDir, 0o755);
    if (await canRead(USER, owner)) {
      const asOwner = await user('exclusive', owner);
      expect(asOwner.said).toMatchObject({ opened: true });
      await asOwner.leave();
    } // a checkout that root keeps closed is not his to run
    expect(await isRunning()).toBe(false);
  });
});
