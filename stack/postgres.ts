/** PostgreSQL on this machine: a primary and a synchronous standby, either of which may be the other tomorrow. */
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Binaries, findBinaries } from '../src/database/binaries.ts';
import { bringUp } from './part.ts';
import { LOOPBACK } from './ports.ts';
import { ask, type PairOptions, PostgresServer, type ServerId } from './postgres-server.ts';
import { makePrimary, makeStandby, promote, waitForStandbys } from './postgres-standby.ts';

/** How an old primary is kept from writing on. `none` leaves it be: two primaries, for tests of those who see both. */
export type Fence = 'stop' | 'kill' | 'none';

export interface FailoverOptions {
  readonly fence?: Fence;
  /** Default true; false leaves the old primary as the fence left it. */
  readonly rebuild?: boolean;
  /** Default false: a standby that nobody waited for is refused. */
  readonly force?: boolean;
}

const STREAMING_PATIENCE_MS = 20_000;

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
    await this.#finishFailover();
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
   * @throws Error when the primary may have confirmed what the standby has not; `force` takes that loss
   */
  async failover({ fence = 'stop', rebuild = true, force = false }: FailoverOptions = {}): Promise<void> {
    const [old, next] = [await this.primary(), await this.standby()];
    if (!force && !(await this.#waitsForStandby(old))) {
      throw new Error(
        `${old.daemon.name} has confirmed alone what ${next.daemon.name} may lack; start both first`,
      );
    }
    if (fence === 'stop') await old.stop();
    if (fence === 'kill') await old.daemon.kill();
    await promote(next.url);
    await writeFile(this.#marker, String(next.id));
    if (rebuild) await this.rebuild();
  }

  /** A failover that was broken off after the promotion: who was promoted is the primary, and its data is all there is. */
  async #finishFailover(): Promise<void> {
    const [marked, other] = [await this.primary(), await this.standby()];
    if (!other.hasData || other.isStandby || (await other.timeline()) <= (await marked.timeline())) return;
    await marked.daemon.kill();
    await writeFile(this.#marker, String(other.id));
  }

  /** Whether the server runs or not: what it was told last is in its folder. */
  async #waitsForStandby({ folder }: PostgresServer): Promise<boolean> {
    const told = await readFile(join(folder, 'postgresql.auto.conf'), 'utf8').catch(() => '');
    const names = [...told.matchAll(/^synchronous_standby_names = '(.*)'$/gm)].at(-1)?.[1] ?? '';
    return names !== '';
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
