/** The running server process: found by the file it keeps in its data folder, asked by connecting, stopped by signal. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { findBinaries } from './binaries.ts';
import { codeOf } from './outage.ts';

export interface Postmaster {
  readonly pid: number;
  /** On the loopback address. */
  readonly port: number;
}

/** The server that `folder/postmaster.pid` tells of, if that process lives and is one; undefined otherwise. */
export async function findPostmaster(folder: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n'); // pid, folder, start time, port, socket folder, address, memory key, status
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !(await isPostgres(pid))) return undefined;
  return { pid, port: Number.isSafeInteger(port) ? port : 0 }; // the port comes a moment after the pid
}

/** A pid may have been handed to another program since, above all in a container: the name tells. */
async function isPostgres(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === 'win32') return true;
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return /^\d+ \(postgres\) [^ZX]/.test(status); // a zombie serves nobody
  }
  return await promisify(execFile)('ps', ['-p', String(pid), '-o', 'comm=']).then(
    ({ stdout }) => stdout.includes('postgres'),
    () => false,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** What a server answers to a knock; `stranger`: another server than ours sits on that port. */
export type Greeting = 'ready' | 'busy' | 'silent' | 'stranger' | 'databaseMissing';

/** Knocks once. `busy`: it is starting or stopping, or has no connection to spare. */
export async function greet(url: string, folder: string): Promise<Greeting> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return rows[0]?.data_directory === folder ? 'ready' : 'stranger';
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (code === '3D000') return 'databaseMissing';
    if (code.startsWith('57P') || code.startsWith('53')) return 'busy';
    return code.startsWith('28') ? 'stranger' : 'silent';
  } finally {
    await client.end().catch(() => {});
  }
}

/** Asks the server to stop now, cleanly ("fast"), and waits until it is gone or `patienceMs` is over. */
export async function stopPostmaster(postmaster: Postmaster, patienceMs: number): Promise<boolean> {
  if (process.platform === 'win32') {
    const { pgCtl } = await findBinaries(); // there, it carries the signals
    await promisify(execFile)(pgCtl, ['kill', 'INT', String(postmaster.pid)]);
  } else {
    signal(postmaster.pid, 'SIGINT');
  }
  const deadline = performance.now() + patienceMs;
  while (await isPostgres(postmaster.pid)) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error; // gone by itself
  }
}
