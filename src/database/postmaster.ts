/** The running server process: found by the file it keeps in its data folder, asked by connecting, stopped by signal. */
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { findBinaries } from './binaries.ts';
import { codeOf } from './outage.ts';

/** A kernel's time unit towards programs, whatever its own is. */
const TICKS_PER_SECOND = 100;
/** Clocks that are set move the boot time. */
const START_TOLERANCE_S = 10;

export interface Postmaster {
  readonly pid: number;
  /** On the loopback address. */
  readonly port: number;
}

/** What `postmaster.pid` says: by whom it was written, whether he lives or not. */
interface Claim extends Postmaster {
  readonly folder: string;
  /** Seconds since 1970. */
  readonly startedAt: number;
}

/** The server that `folder/postmaster.pid` tells of, if that process lives and is the one; undefined otherwise. */
export async function findPostmaster(folder: string): Promise<Postmaster | undefined> {
  const claim = await readClaim(folder);
  if (claim === undefined || !(await isPostgres(claim.pid)) || !(await isWriterOf(claim, folder)))
    return undefined;
  return { pid: claim.pid, port: claim.port };
}

/**
 * Takes away what a server that is gone left in `folder`, where its pid now is another program's: PostgreSQL would take
 * that one for a server and not start. The caller holds the launch lock. Resolves with what it said.
 */
export async function takeLeftFile(folder: string): Promise<Postmaster | undefined> {
  const claim = await readClaim(folder);
  if (claim === undefined || (await findPostmaster(folder)) !== undefined) return undefined;
  if (isAlive(claim.pid)) await rm(join(folder, 'postmaster.pid'), { force: true });
  return claim;
}

async function readClaim(folder: string): Promise<Claim | undefined> {
  const text = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n'); // pid, folder, start time, port, socket folder, address, memory key, status
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const isPort = Number.isSafeInteger(port) && port > 0 && port < 65_536;
  return { pid, folder: lines[1] ?? '', startedAt: Number(lines[2]), port: isPort ? port : 0 }; // port comes later
}

/** The pid may be that of another folder's server by now, above all in a container. Told by its command or its age. */
async function isWriterOf(claim: Claim, folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  if (claim.folder !== folder) return false;
  const command = await readFile(`/proc/${claim.pid}/cmdline`, 'utf8').catch(() => '');
  if (command.split('\0').includes(folder)) return true;
  const startedAt = await startOf(claim.pid);
  return startedAt === undefined || Math.abs(startedAt - claim.startedAt) <= START_TOLERANCE_S;
}

/** When a process began, in seconds since 1970; undefined where it cannot be told. */
async function startOf(pid: number): Promise<number | undefined> {
  const [system, process] = await Promise.all(
    ['/proc/stat', `/proc/${pid}/stat`].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const bootedAt = Number(/^btime (\d+)$/m.exec(system ?? '')?.[1]);
  const ticks = Number(process?.slice(process.lastIndexOf(')') + 2).split(' ')[19]); // field 22, from the third on
  const startedAt = bootedAt + ticks / TICKS_PER_SECOND;
  return Number.isFinite(startedAt) ? startedAt : undefined;
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
