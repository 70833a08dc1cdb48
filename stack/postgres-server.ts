/** One PostgreSQL server of the pair: its folder, its settings, and its process. */
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Binaries } from '../src/database/binaries.ts';
import { chooseIdentity } from '../src/database/identity.ts';
import { Daemon } from './daemon.ts';
import type { Part } from './part.ts';
import { LOOPBACK } from './ports.ts';

export type ServerId = 1 | 2;

export interface PairOptions {
  /** Data, logs and pids go below it. */
  readonly folder: string;
  readonly ports: Readonly<Record<ServerId, number>>;
  /** Of the superuser `postgres`. */
  readonly adminPassword: string;
  /** Of the role `itirp`, which owns the database `itirp` and is nobody else. */
  readonly password: string;
  /** HOST:PORT at which one server finds the other; a proxy may stand between. */
  readonly addressOf?: (from: string, to: string) => string;
}

const START_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 30_000;
/** A server that answers later than this is not ready. */
const READY_MS = 5_000;
const CONFIG = new URL('../deploy/postgres/itirp.conf', import.meta.url).pathname;

/** Over what `deploy/postgres/itirp.conf` says: a laptop's measure. */
const SMALL = {
  listen_addresses: LOOPBACK,
  unix_socket_directories: '',
  shared_buffers: '96MB',
  effective_cache_size: '1GB',
  max_wal_size: '1GB',
  min_wal_size: '128MB',
  max_slot_wal_keep_size: '4GB',
  log_checkpoints: 'off',
};

export class PostgresServer implements Part {
  readonly role = 'postgres';
  readonly patienceMs = START_PATIENCE_MS;
  readonly id: ServerId;
  readonly daemon: Daemon;
  readonly port: number;
  /** PostgreSQL's own. */
  readonly folder: string;
  /** As the superuser. */
  readonly url: string;
  readonly #options: PairOptions;
  readonly #binaries: Binaries;

  constructor(id: ServerId, options: PairOptions, binaries: Binaries) {
    this.id = id;
    this.daemon = new Daemon(`postgres-${id}`, options.folder);
    this.port = options.ports[id];
    this.folder = join(options.folder, 'data', 'postgres', String(id));
    this.url = `postgres://postgres:${options.adminPassword}@${LOOPBACK}:${this.port}/postgres`;
    this.#options = options;
    this.#binaries = binaries;
  }

  /** What the primary's synchronous_standby_names calls it, and its slot. */
  get standbyName(): string {
    return `postgres_${this.id}`;
  }

  get hasData(): boolean {
    return existsSync(join(this.folder, 'PG_VERSION'));
  }

  /** Is its data that of a standby, whether it runs or not? */
  get isStandby(): boolean {
    return existsSync(join(this.folder, 'standby.signal'));
  }

  /** How often one that its data goes back to was promoted, and 1: of two old friends the higher one has written last. */
  async timeline(): Promise<number> {
    const names = await readdir(join(this.folder, 'pg_wal')).catch(() => []);
    const numbers = names.map((name) =>
      Number.parseInt(/^([0-9A-F]{8})\.history$/.exec(name)?.[1] ?? '1', 16),
    );
    return Math.max(1, ...numbers);
  }

  async launch(): Promise<void> {
    if ((await this.daemon.find()) !== undefined) return;
    await rm(join(this.folder, 'postmaster.pid'), { force: true }); // of one that was killed: `daemon` knows better
    const identity = await chooseIdentity(this.#binaries.postgres, this.folder);
    const archive = join(this.#options.folder, 'data', 'postgres', 'archive');
    await mkdir(archive, { recursive: true, mode: 0o700 });
    const config = join(this.folder, 'itirp.conf');
    await writeFile(config, await this.#settings(archive), { mode: 0o600 });
    if (identity.owner) {
      await chown(archive, identity.owner.uid, identity.owner.gid);
      await chown(config, identity.owner.uid, identity.owner.gid);
    }
    const { file, args, options } = identity.invoke(this.#binaries.postgres, ['-D', this.folder]);
    await this.daemon.start({ file, args, ...options });
  }

  /** The production file, and after it what is this machine's: in a file, the last word counts. */
  async #settings(archive: string): Promise<string> {
    const values = { ...SMALL, port: this.port, archive_command: archiveCommand(archive) };
    const own = Object.entries(values).map(
      ([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`,
    );
    return `${await readFile(CONFIG, 'utf8')}\n# --- This machine ---\n${own.join('')}`;
  }

  async isReady(): Promise<boolean> {
    return await ask(this.url, 'select 1', READY_MS).then(
      () => true,
      () => false,
    );
  }

  /** Ends every session at once, and cleanly: a primary still hands its last words to the standby. */
  async stop(): Promise<void> {
    await this.daemon.stop(STOP_PATIENCE_MS, 'SIGINT');
  }
}

/** Fails when the copy does; a segment that is there already must be the same one. */
const archiveCommand = (folder: string): string => {
  const target = `'${folder}/%f'`;
  return `cmp -s %p ${target} || { test ! -e ${target} && cp %p ${target}.part && mv ${target}.part ${target}; }`;
};

/**
 * One statement on a connection of its own. `patienceMs`: for the connection, and again for the answer; a server that has
 * just come back has everybody at its door.
 */
export async function ask<Row extends pg.QueryResultRow>(
  url: string,
  statement: string,
  patienceMs = 20_000,
): Promise<readonly Row[]> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
    application_name: 'stack',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}
