/** One PostgreSQL for the whole platform: the embedded one, or the one that POSTGRES_URL names. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Fault } from '../faults/fault.ts';
import { checkClock } from './clock-check.ts';
import { EmbeddedServer, type Say } from './embedded.ts';
import { asFault } from './outage.ts';
import { openPool, type PoolOptions } from './pool.ts';
import { checkReplica, checkReplicaUrl, ReplicaReads } from './replica.ts';
import { Tenancy, type Tenant } from './tenancy.ts';

export interface DatabaseOptions {
  /** Where the embedded server keeps its data; unused with `url`. */
  readonly dataDir: string;
  /** An external PostgreSQL; nothing is launched then. */
  readonly url?: string | undefined;
  /** A standby of `url`'s for {@link Database.replica}. */
  readonly replicaUrl?: string | undefined;
  /** Be the one server of this database: a second one is refused. Tools that attach for a moment leave it false. */
  readonly exclusive: boolean;
  /** With `exclusive` false: be a node of a cluster, beside others and beside no exclusive server. Default false. */
  readonly shares?: boolean | undefined;
  /** Connections of each pool that says nothing else. Default 8. */
  readonly connectionsMax?: number | undefined;
  readonly log?: Say | undefined;
  /** Hears of what is wrong and stops nothing. */
  readonly onWarning?: Say | undefined;
  /**
   * Called when, after an outage, this server must stop. DATABASE_IN_USE: another one took the database over; the
   * journal's epoch keeps the two from harm, but they would take it from each other for ever. DATABASE_MOVED: the
   * embedded PostgreSQL runs at another port, and every connection of this process leads to the old one.
   * DATABASE_REPLACED: another cluster answers. DATABASE_UNSAFE, DATABASE_VERSION: one that is not to be trusted.
   */
  readonly onDisplaced?: ((fault: Fault) => void) | undefined;
}

export interface Database {
  /** Holds the password: never log it. */
  readonly url: string;
  readonly isEmbedded: boolean;
  /** A pool of its own for each part, so that none can starve another. Closed with the database. */
  pool(options?: PoolOptions): pg.Pool;
  /** One connection for short looks at the server itself, which wait for each other and for nobody else. */
  readonly looks: pg.Pool;
  /** Every pool that is open, for whoever measures them. */
  readonly pools: readonly pg.Pool[];
  /** For reads that may lag; on the primary where no replica is set, or it is away or too far behind. */
  replica(options?: PoolOptions): ReplicaReads;
  /** Why nothing should be started on it just now: it is away, or its clock and ours differ. For readiness. */
  readonly trouble: Fault | undefined;
  /** Closes every pool; the last user of an embedded server stops it. */
  close(): Promise<void>;
}

/**
 * Opens the database and says that it is in use until `close`, or until this process dies.
 * @throws Fault DATABASE_IN_USE: `exclusive`, and another server has it; or `shares`, and an exclusive one has
 * @throws Fault DATABASE_UNAVAILABLE, DATABASE_REFUSED, DATABASE_READ_ONLY: it cannot be reached, or not be written
 * @throws Fault DATABASE_VERSION, DATABASE_UNSAFE or DATABASE_LAUNCH
 * @throws Fault CLOCK_OFF: a server's machine and PostgreSQL's differ by more than two seconds
 * @throws Fault CONFIG_INVALID: a URL does not read, or the replica's leads to no copy of ours that lets us in
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const say = options.log ?? (() => {});
  const onDisplaced = options.onDisplaced ?? (() => {});
  const { url, replicaUrl } = options;
  const tenant = tenantOf(options);
  if (replicaUrl !== undefined) checkReplicaUrl(replicaUrl);
  if (url !== undefined) {
    const locate = async () => url;
    const terms = { locate, isUp: async () => true, tenant, say, onDisplaced };
    const tenancy = await Tenancy.begin(terms).catch(withRemedy);
    return await withClock(new OpenDatabase(url, tenancy, options, undefined), tenant);
  }

  const server = await EmbeddedServer.on(options.dataDir, say);
  let located = '';
  let isOpen = false;
  const locate = async () => {
    const found = await server.ensureRunning();
    if (isOpen && found !== located) throw new Fault('DATABASE_MOVED', 'its port was taken; start again');
    located = found;
    return located;
  };
  const isUp = () => server.isRunning();
  const tenancy = await patiently(() => Tenancy.begin({ locate, isUp, tenant, say, onDisplaced }));
  isOpen = true;
  return new OpenDatabase(located, tenancy, options, server);
}

const tenantOf = ({ exclusive, shares }: DatabaseOptions): Tenant => {
  if (exclusive) return 'alone';
  return shares === true ? 'node' : 'tool';
};

/** At the start nobody is there to know that it was there a moment ago. */
function withRemedy(error: unknown): never {
  if (!(error instanceof Fault) || error.code !== 'DATABASE_UNAVAILABLE') throw error;
  const detail = `${error.detail}; does it run, and does POSTGRES_URL lead to it?`;
  throw new Fault('DATABASE_UNAVAILABLE', detail, { cause: error });
}

/** A server trades by the clock; a tool does not. The embedded PostgreSQL has the same clock as we. */
async function withClock(database: OpenDatabase, tenant: Tenant): Promise<Database> {
  if (tenant === 'tool') return database;
  try {
    await database.watchClock();
    await database.checkReplica();
    return database;
  } catch (error) {
    await database.close();
    throw asFault(error);
  }
}

/** The last user may be stopping the server just when we come: then it is started anew. */
const RETRIES_MAX = 5;

async function patiently(begin: () => Promise<Tenancy>): Promise<Tenancy> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await begin();
    } catch (error) {
      const mayPass = error instanceof Fault && error.code === 'DATABASE_UNAVAILABLE';
      if (!mayPass || attempt > RETRIES_MAX) throw error;
      await sleep(100 * attempt);
    }
  }
}

/** How often our clock is held against PostgreSQL's, in milliseconds. */
const CLOCK_EVERY_MS = 60_000;
const LOOKS: PoolOptions = { connectionsMax: 1, applicationName: 'itirp looks' };

class OpenDatabase implements Database {
  readonly url: string;
  readonly #tenancy: Tenancy;
  readonly #options: DatabaseOptions;
  readonly #server: EmbeddedServer | undefined;
  #pools: pg.Pool[] = [];
  #looks: pg.Pool | undefined;
  readonly #replicas: ReplicaReads[] = [];
  #clockTimer: NodeJS.Timeout | undefined;
  #clockFault: Fault | undefined;
  #closed: Promise<void> | undefined;

  constructor(url: string, tenancy: Tenancy, options: DatabaseOptions, server: EmbeddedServer | undefined) {
    this.url = url;
    this.#tenancy = tenancy;
    this.#options = options;
    this.#server = server;
  }

  get isEmbedded(): boolean {
    return this.#server !== undefined;
  }

  get trouble(): Fault | undefined {
    return this.#tenancy.isHeld ? this.#clockFault : new Fault('DATABASE_UNAVAILABLE');
  }

  get looks(): pg.Pool {
    this.#looks ??= this.pool(LOOKS);
    return this.#looks;
  }

  get pools(): readonly pg.Pool[] {
    return this.#pools.filter((pool) => !pool.ending);
  }

  pool(options?: PoolOptions): pg.Pool {
    return this.#open(this.url, options);
  }

  replica(options?: PoolOptions): ReplicaReads {
    const { replicaUrl } = this.#options;
    const replica = replicaUrl === undefined ? undefined : this.#open(replicaUrl, options);
    const reads = new ReplicaReads(this.pool(options), replica, { onChange: this.#options.onWarning });
    this.#replicas.push(reads);
    return reads;
  }

  /** @throws Fault CONFIG_INVALID: a replica that does not let us in, or is none of this cluster's */
  async checkReplica(): Promise<void> {
    const { replicaUrl } = this.#options;
    if (replicaUrl === undefined) return;
    const pools = [this.url, replicaUrl].map((url) => this.#open(url, { connectionsMax: 1 }));
    const [primary, replica] = pools as [pg.Pool, pg.Pool];
    try {
      await checkReplica(primary, replica);
    } finally {
      await Promise.all(pools.map((pool) => pool.end()));
    }
  }

  /** Now, and each minute from now on: clocks drift. @throws Fault CLOCK_OFF the first time; `trouble` later */
  async watchClock(): Promise<void> {
    const pool = this.looks;
    await checkClock(pool);
    const look = async (): Promise<void> => {
      try {
        await checkClock(pool);
        this.#clockFault = undefined;
      } catch (error) {
        if (error instanceof Fault && error.code === 'CLOCK_OFF') this.#clockFault = error; // else it is away
      }
    };
    this.#clockTimer = setInterval(() => void look(), CLOCK_EVERY_MS).unref();
  }

  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  #open(url: string, options: PoolOptions = {}): pg.Pool {
    const { connectionsMax = 8 } = this.#options;
    const pool = openPool(url, { connectionsMax, ...options });
    this.#pools = [...this.#pools.filter((one) => !one.ending), pool];
    return pool;
  }

  async #close(): Promise<void> {
    clearInterval(this.#clockTimer);
    await Promise.all(this.#replicas.map((reads) => reads.close()));
    await Promise.all(this.#pools.filter((pool) => !pool.ending).map((pool) => pool.end()));
    if (this.#server !== undefined && (await this.#tenancy.isLast())) await this.#server.stop();
    await this.#tenancy.leave();
  }
}
