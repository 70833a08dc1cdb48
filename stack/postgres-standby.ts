/** PostgreSQL servers of one's own on the loopback address: made, started, copied into streaming standbys, promoted. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, fchownSync, openSync } from 'node:fs';
import { appendFile, chown, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Binaries } from '../src/database/binaries.ts';
import { chooseIdentity, type Identity } from '../src/database/identity.ts';

/** How long a server may take to answer after it was started, in milliseconds. */
const START_PATIENCE_MS = 60_000;

/** What a copy leaves out, as pg_basebackup does: what belongs to the running server, or is made anew. */
const LEFT_OUT = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'postgresql.auto.conf.tmp',
  'current_logfiles.tmp',
  'pg_internal.init',
  'backup_label',
  'standby.signal',
  'recovery.signal',
]);
/** Folders that are copied empty: the log comes by streaming, the rest is made anew. */
const EMPTIED = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pgsql_tmp',
]);

export interface MakeOptions {
  readonly binaries: Binaries;
  /** The data folder to make. */
  readonly folder: string;
  /** Superuser. */
  readonly user: string;
  readonly password: string;
}

/** A data folder for a primary that standbys may connect to (with the superuser's password, over loopback). */
export async function makePrimary({ binaries, folder, user, password }: MakeOptions): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const identity = await chooseIdentity(binaries.initdb, folder);
  const passwordFile = `${folder}.${randomBytes(4).toString('hex')}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (identity.owner) await chown(passwordFile, identity.owner.uid, identity.owner.gid);
  const { file, args, options } = identity.invoke(binaries.initdb, [
    `--pgdata=${folder}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--data-checksums',
    '--encoding=UTF8',
    '--locale=C',
  ]);
  try {
    await promisify(execFile)(file, [...args], options);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

export interface StandbyOptions {
  readonly binaries: Binaries;
  /** Of the running primary, as a superuser; its data folder must be readable on this machine. */
  readonly primaryUrl: string;
  /** The standby's data folder: must not exist, or be empty. */
  readonly folder: string;
  /** Physical replication slot on the primary; made when missing. Lower-case letters, digits and `_`. */
  readonly slot: string;
  /** What the primary's synchronous_standby_names calls the standby. */
  readonly name: string;
}

/**
 * Copies the running primary into `folder` and makes a streaming standby of the copy; `startServer` starts it. The
 * slot keeps what the copy needs of the write-ahead log until the standby has streamed it.
 */
export async function makeStandby(options: StandbyOptions): Promise<void> {
  const { primaryUrl, folder, slot, name } = options;
  const primary = new pg.Client({ connectionString: primaryUrl });
  await primary.connect();
  try {
    await primary.query(
      `select pg_create_physical_replication_slot($1, true)
       where not exists (select 1 from pg_replication_slots where slot_name = $1)`,
      [slot],
    );
    await baseCopy(primary, folder);
  } finally {
    await primary.end();
  }
  await followPrimary(folder, primaryUrl, slot, name);
  await chooseIdentity(options.binaries.postgres, folder); // gives the copy to whom the server runs as
}

/**
 * Copies the running server's data folder into `folder`: with the write-ahead log from there on it is a whole server.
 * `primary`: a superuser's session on it, on this machine.
 */
export async function baseCopy(primary: pg.Client, folder: string): Promise<void> {
  const { rows } = await primary.query<{ data_directory: string }>('show data_directory');
  const from = rows[0]?.data_directory ?? '';
  await primary.query("select pg_backup_start('base copy', true)");
  await copyFolder(from, folder);
  await copyFile(join(from, 'global/pg_control'), join(folder, 'global/pg_control'));
  const stopped = await primary.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
  await writeFile(join(folder, 'backup_label'), stopped.rows[0]?.labelfile ?? '', { mode: 0o600 });
}

/** Points a stopped data folder at a primary: what it does when it is started next. */
async function followPrimary(folder: string, primaryUrl: string, slot: string, name: string): Promise<void> {
  const { hostname, port, username, password } = new URL(primaryUrl);
  const words = {
    host: hostname,
    port: port || '5432',
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    application_name: name,
    connect_timeout: '2',
    keepalives_idle: '2',
    keepalives_interval: '1',
    keepalives_count: '3',
  };
  const conninfo = Object.entries(words)
    .map(([key, value]) => `${key}='${value.replace(/[\\']/g, '\\$&')}'`)
    .join(' ');
  const lines = [
    `primary_conninfo = '${conninfo.replace(/[\\']/g, '$&$&')}'`,
    `primary_slot_name = '${slot}'`,
    "synchronous_standby_names = ''", // the copy brought the primary's own
    "recovery_target_timeline = 'latest'",
  ];
  await appendFile(join(folder, 'postgresql.auto.conf'), `\n${lines.join('\n')}\n`);
  await writeFile(join(folder, 'standby.signal'), '', { mode: 0o600 });
}

/** A file that goes away under the copy is one that the log does not need. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (LEFT_OUT.has(entry.name) || entry.name.startsWith('pgsql_tmp')) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (EMPTIED.has(entry.name)) await mkdir(target, { recursive: true, mode: 0o700 });
    else if (entry.isDirectory()) await copyFolder(source, target);
    else await copyFile(source, target).catch(ignoreMissing);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

export interface StartOptions {
  readonly binaries: Binaries;
  readonly folder: string;
  readonly port: number;
  readonly logFile: string;
  readonly user: string;
  readonly password: string;
  /** More of postgresql.conf, over what is usual here. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A running server. It is a child of this process and in a session of its own: a Ctrl-C does not reach it. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  readonly folder: string;
  /** Of the database `postgres`, as the superuser. */
  readonly url: string;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  /** SIGINT: ends every session, and cleanly. */
  stop(): Promise<void>;
  /** SIGKILL: as if the machine had died. */
  kill(): Promise<void>;
}

const USUAL = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 100,
  fsync: 'on',
  full_page_writes: 'on',
  wal_level: 'replica',
  hot_standby: 'on',
  wal_log_hints: 'on', // pg_rewind can bring an old primary back
  max_wal_senders: 10,
  wal_keep_size: '64MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Starts the server on `folder`, a primary or a standby, and resolves when it answers (a standby: to readers). */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { binaries, folder, port, user, password } = options;
  await rm(join(folder, 'postmaster.pid'), { force: true }); // left by one that was killed
  const identity = await chooseIdentity(binaries.postgres, folder);
  const child = launch(options, identity);
  const url = `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
  };
  await answering(child, url, options.logFile);
  const server = { pid: child.pid ?? 0, port, folder, url, gone };
  return { ...server, stop: () => end('SIGINT'), kill: () => end('SIGKILL') };
}

function launch(
  { binaries, folder, port, logFile, settings }: StartOptions,
  identity: Identity,
): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  if (identity.owner) fchownSync(log, identity.owner.uid, identity.owner.gid);
  const values = { ...USUAL, port, ...settings };
  const words = Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { file, args, options } = identity.invoke(binaries.postgres, ['-D', folder, ...words]);
  const child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  return child;
}

async function answering(child: ChildProcess, url: string, logFile: string): Promise<void> {
  const deadline = performance.now() + START_PATIENCE_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      return;
    } catch (error) {
      const isOver = child.exitCode !== null || child.signalCode !== null || performance.now() > deadline;
      if (isOver) throw new Error(`PostgreSQL does not start: ${await lastOf(logFile)}`, { cause: error });
      await sleep(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

const lastOf = async (file: string): Promise<string> => (await readFile(file, 'utf8')).slice(-2_000);

/** Makes a standby the primary; resolves when it takes writes. */
export async function promote(standbyUrl: string): Promise<void> {
  await once(standbyUrl, 'select pg_promote(true, 30)');
}

/** From now on a commit on the primary waits for these standbys; an empty text: for none. */
export async function waitForStandbys(primaryUrl: string, names: string): Promise<void> {
  await once(primaryUrl, `alter system set synchronous_standby_names = '${names.replaceAll("'", "''")}'`);
  await once(primaryUrl, 'select pg_reload_conf()');
}

async function once(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
