/** What an embedded server left behind when it was killed: a pid file that lies, and a port that another one took. */
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Fault } from '../faults/fault.ts';
import { openDatabase } from './database.ts';
import { withLaunchLock } from './launch-lock.ts';
import { findPostmaster, stopPostmaster } from './postmaster.ts';

let dataDir: string;
let folder: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(await realpath(tmpdir()), 'itirp-left-'));
  folder = join(dataDir, 'postgres');
});
afterEach(async () => {
  const left = await findPostmaster(folder);
  if (left) await stopPostmaster(left, 10_000);
  await rm(dataDir, { recursive: true, force: true });
});

function kill(pid: number | undefined): void {
  if (pid === undefined || pid <= 1) throw new Error('nobody to send a signal to');
  process.kill(pid, 'SIGKILL');
}

test('one whose server had to move to another port is told to stop: its connections lead to the old one', async () => {
  const faults: string[] = [];
  const onDisplaced = ({ code }: Fault) => faults.push(code);
  const database = await openDatabase({ dataDir, exclusive: true, onDisplaced });
  const victim = await findPostmaster(folder);
  const squatter = createServer((caller) => caller.destroy()); // it is no PostgreSQL, and says so
  await withLaunchLock(join(dataDir, 'postgres.launch'), 1_000, async () => {
    kill(victim?.pid);
    await expect.poll(() => listens(squatter, victim?.port)).toBe(true);
  });
  await expect.poll(() => faults, { timeout: 30_000 }).toEqual(['DATABASE_MOVED']);
  await new Promise((resolve) => squatter.close(resolve));
  await database.close();
  const next = await openDatabase({ dataDir, exclusive: true });
  expect((await next.pool().query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await next.close();
});

/** False while another still has the port. */
const listens = (server: Server, port: number | undefined): Promise<boolean> =>
  new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });

test('a pid file that names another living program is not believed', async () => {
  await (await openDatabase({ dataDir, exclusive: true })).close();
  const stale = [process.pid, folder, 1_700_000_000, 5_432, '', '127.0.0.1', '', 'ready'].join('\n');
  await writeFile(join(folder, 'postmaster.pid'), stale);
  const database = await openDatabase({ dataDir, exclusive: true });
  await database.close();
});

test('nor one that names the living server of another folder', async () => {
  await (await openDatabase({ dataDir, exclusive: true })).close();
  const other = await mkdtemp(join(tmpdir(), 'itirp-embedded-other-'));
  const neighbour = await openDatabase({ dataDir: other, exclusive: true });
  const its = await readFile(join(other, 'postgres', 'postmaster.pid'), 'utf8');
  const [pid, , , port] = its.split('\n');
  const stale = [pid, folder, 1_700_000_000, port, '', '127.0.0.1', '', 'ready'].join('\n');
  await writeFile(join(folder, 'postmaster.pid'), stale);
  const database = await openDatabase({ dataDir, exclusive: true });
  expect(database.url).not.toBe(neighbour.url);
  await database.close();
  expect((await neighbour.pool().query('select 1 as one')).rows, 'it is left alone').toEqual([{ one: 1 }]);
  await neighbour.close();
  await rm(other, { recursive: true, force: true });
});
