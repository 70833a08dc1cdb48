/** One PostgreSQL for the whole platform: the embedded one, or the one that POSTGRES_URL names. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Fault } from '../faults/fault.ts';
import { EmbeddedServer, type Say } from './embedded.ts';
import { openPool, type PoolOptions } from './pool.ts';
import { Tenancy } from './tenancy.ts';

export interface DatabaseOptions {
  /** Where the embedded server keeps its data; unused with `url`. */
  readonly dataDir: string;
  /** An external PostgreSQL; nothing is launched then. */
  readonly url?: string | undefined;
  /** Be the one server of this database: a second one is refused. Tools that attach for a moment leave it false. */
  readonly exclusive: boolean;
  readonly log?: Say | undefined;
  /**
   * Called when, after an outage, this server must stop. DATABASE_IN_USE: another one took the database over; the
   * journal's epoch keeps the two from harm, but they would take it from each other for ever. DATABASE_MOVED: the
   * embedded PostgreSQL runs at another port, and every connection of this process leads to the old one.
   */
  readonly onDisplaced?: ((fault: Fault) => void) | undefined;
}

export interface Database {
  /** Holds the password: never log it. */
  readonly url: string;
  readonly isEmbedded: boolean;
  /** A pool of its own for each part, so that none can starve another. Closed with the database. */
  pool(options?: PoolOptions): pg.Pool;
  /** Closes every pool; the last user of an embedded server stops it. */
  close(): Promise<void>;
}

/**
 * Opens the database and says that it is in use until `close`, or until this process dies.
 * @throws Fault DATABASE_IN_USE: `exclusive`, and another server has it
 * @throws Fault DATABASE_UNAVAILABLE, DATABASE_VERSION or DATABASE_LAUNCH
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const say = options.log ?? (() => {});
  const onDisplaced = options.onDisplaced ?? (() => {});
  const { url, exclusive } = options;
  if (url !== undefined) {
    const tenancy = await Tenancy.begin({
      locate: async () => url,
      isUp: async () => true,
      exclusive,
      say,
      onDisplaced,
    });
    return new OpenDatabase(url, tenancy, undefined);
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
  const tenancy = await patiently(() => Tenancy.begin({ locate, isUp, exclusive, say, onDisplaced }));
  isOpen = true;
  return new OpenDatabase(located, tenancy, server);
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

class OpenDatabase implements Database {
  readonly url: string;
  readonly #tenancy: Tenancy;
  readonly #server: EmbeddedServer | undefined;
  readonly #pools: pg.Pool[] = [];
  #closed: Promise<void> | undefined;

  constructor(url: string, tenancy: Tenancy, server: EmbeddedServer | undefined) {
    this.url = url;
    this.#tenancy = tenancy;
    this.#server = server;
  }

  get isEmbedded(): boolean {
    return this.#server !== undefined;
  }

  pool(options?: PoolOptions): pg.Pool {
    const pool = openPool(this.url, options);
    this.#pools.push(pool);
    return pool;
  }

  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all(this.#pools.filter((pool) => !pool.ending).map((pool) => pool.end()));
    if (this.#server !== undefined && (await this.#tenancy.isLast())) await this.#server.stop();
    await this.#tenancy.leave();
  }
}
