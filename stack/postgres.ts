/** PostgreSQL on this machine: a primary and a synchronous standby, either of which may be the other tomorrow. */
import { existsSync } from 'node:fs';
import { appendFile, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Binaries, findBinaries } from '../src/database/binaries.ts';
import { chooseIdentity } from '../src/database/identity.ts';
import { Daemon } from './daemon.ts';
import { bringUp, type Part } from './part.ts';
import { LOOPBACK } from './ports.ts';
import { makePrimary, makeStandby, promote, waitForStandbys } from './postgres-standby.ts';

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

/** How an old primary is kept from writing on. `none` leaves it be: two primaries, for tests of those who see both. */
export type Fence = 'stop' | 'kill' | 'none';

const START_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 30_000;
const STREAMING_PATIENCE_MS = 20_000;
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
    return await ask(this.url, 'select 1').then(
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

export class PostgresPair {
  readonly servers: Readonly<Record<ServerId, PostgresServer>>;
  readonly #options: PairOptions;
  readonly #binaries: Binaries;

  private constructor(options: PairOptions, binaries: Binaries) {
    this.#options = options;
    this.#binaries = binaries;
    this.servers = {
      1: new PostgresServer(1, options, binaries),
      2: new PostgresServer(2, options, binaries),
    };
  }

  /** Knows the two; starts none. @throws Fault DATABASE_LAUNCH: no programs for this machine */
  static async open(options: PairOptions): Promise<PostgresPair> {
    return new PostgresPair(options, await findBinaries());
  }

  /** For POSTGRES_URL: both, in this order; whoever connects picks the one that takes writes. */
  urlAt(addresses: readonly string[] = [this.servers[1], this.servers[2]].map(addressOf)): string {
    return `postgres://itirp:${this.#options.password}@${addresses.join(',')}/itirp`;
  }

  /** The one that takes writes, or took them last. */
  async primary(): Promise<PostgresServer> {
    const marked = await readFile(this.#marker, 'utf8').catch(() => '1');
    return this.servers[marked.trim() === '2' ? 2 : 1];
  }

  async standby(): Promise<PostgresServer> {
    const { id } = await this.primary();
    return this.servers[id === 1 ? 2 : 1];
  }

  get #marker(): string {
    return join(this.#options.folder, 'data', 'postgres', 'primary');
  }

  /** Starts what does not run, makes what is not there, and resolves when commits wait for the standby. */
  async start(): Promise<void> {
    await this.startPrimary();
    await this.startStandby();
  }

  async startPrimary(): Promise<void> {
    const primary = await this.primary();
    const isNew = !primary.hasData;
    if (isNew) {
      await mkdir(join(this.#options.folder, 'data', 'postgres'), { recursive: true, mode: 0o755 });
      const { adminPassword: password } = this.#options;
      await rm(primary.folder, { recursive: true, force: true });
      await makePrimary({ binaries: this.#binaries, folder: primary.folder, user: 'postgres', password });
      await appendFile(join(primary.folder, 'postgresql.conf'), "\ninclude_if_exists = 'itirp.conf'\n");
      await writeFile(this.#marker, String(primary.id));
    }
    await bringUp(primary);
    await this.#bootstrap(primary);
  }

  /** The role that the platform runs as owns its database, may make scratch ones, and rules nothing else. */
  async #bootstrap({ url }: PostgresServer): Promise<void> {
    const made = await ask<{ n: number }>(url, "select 1 as n from pg_database where datname = 'itirp'");
    if (made.length > 0) return;
    const role = await ask<{ n: number }>(url, "select 1 as n from pg_roles where rolname = 'itirp'");
    if (role.length === 0) {
      await ask(url, `create role itirp login createdb password '${this.#options.password}'`);
      await ask(url, 'grant pg_monitor to itirp');
    }
    await ask(url, 'create database itirp owner itirp');
  }

  async startStandby(): Promise<void> {
    const standby = await this.standby();
    if (!standby.isStandby || !standby.hasData) await this.#copy();
    await bringUp(standby);
    if (!(await this.#streams())) {
      await standby.daemon.kill(); // too far behind, or of another line: what it lacks is no longer to be had
      await this.#copy();
      await bringUp(standby);
      if (!(await this.#streams())) throw new Error(`${standby.daemon.name} does not stream; see its log`);
    }
    await waitForStandbys((await this.primary()).url, standby.standbyName);
  }

  /** Lets the primary confirm without its standby, until `startStandby`: trading goes on with one copy. */
  async releaseStandby(): Promise<void> {
    await waitForStandbys((await this.primary()).url, '');
  }

  /**
   * Makes the standby the primary, and the old primary (a copy of the new one) its standby.
   * @param rebuild default true; false leaves the old primary as the fence left it
   */
  async failover({
    fence = 'stop',
    rebuild = true,
  }: {
    fence?: Fence;
    rebuild?: boolean;
  } = {}): Promise<void> {
    const [old, next] = [await this.primary(), await this.standby()];
    if (fence === 'stop') await old.stop();
    if (fence === 'kill') await old.daemon.kill();
    await promote(next.url);
    await writeFile(this.#marker, String(next.id));
    if (rebuild) await this.rebuild();
  }

  /** Throws the standby's data away, whatever it is by now, and makes it anew from the primary. */
  async rebuild(): Promise<void> {
    const standby = await this.standby();
    await standby.daemon.kill();
    await rm(standby.folder, { recursive: true, force: true });
    await this.startStandby();
  }

  async #copy(): Promise<void> {
    const [primary, standby] = [await this.primary(), await this.standby()];
    await standby.daemon.kill();
    await rm(standby.folder, { recursive: true, force: true });
    const between = this.#options.addressOf?.(standby.daemon.name, primary.daemon.name);
    const url = new URL(primary.url);
    url.host = between ?? url.host;
    await makeStandby({
      binaries: this.#binaries,
      primaryUrl: url.href,
      folder: standby.folder,
      slot: standby.standbyName,
      name: standby.standbyName,
    });
  }

  async #streams(): Promise<boolean> {
    const [primary, standby] = [await this.primary(), await this.standby()];
    const question = `select 1 from pg_stat_replication
      where state = 'streaming' and application_name = '${standby.standbyName}'`;
    const deadline = performance.now() + STREAMING_PATIENCE_MS;
    while (performance.now() < deadline) {
      if ((await ask(primary.url, question)).length > 0) return true;
      await sleep(100);
    }
    return false;
  }

  /** The primary first: its last words still reach the standby. */
  async stop(): Promise<void> {
    await (await this.primary()).stop();
    await (await this.standby()).stop();
  }
}

const addressOf = ({ port }: PostgresServer): string => `${LOOPBACK}:${port}`;

/** One statement on a connection of its own. */
async function ask<Row extends pg.QueryResultRow>(url: string, statement: string): Promise<readonly Row[]> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
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
