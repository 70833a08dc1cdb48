/** One session that says who uses the database: locks that PostgreSQL lets go of by itself when their holder dies. */
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Fault } from '../faults/fault.ts';
import type { Say } from './embedded.ts';
import { asFault, isOutage, messageOf } from './outage.ts';
import { openClient } from './pool.ts';
import { checkFacts, checkIdentity, checkTimeline, readFacts, type ServerFacts } from './server-facts.ts';

/** First key of all our advisory locks in a database; the second says what is locked. */
const NAMESPACE = 0x1712;
/** Shared by everyone who uses an embedded server: who can have it alone is the last. */
const USERS = 0;

/** Second key of the "server" lock, in SQL: one server a schema. */
const SERVER = "hashtext('server ' || current_setting('search_path'))";

/** A killed holder's backend may need a moment to notice, in milliseconds. */
const GRACE_MS = 2_000;
const RETRY_MS_MAX = 1_000;
/** How often the session is tried, and how long its answer may take: a cut may be one that nobody is told of. */
const BEAT_MS = 5_000;
const BEAT_MS_MAX = 10_000;
/** What no further attempt would mend. */
const FINAL: ReadonlySet<string> = new Set([
  'DATABASE_IN_USE',
  'DATABASE_MOVED',
  'DATABASE_REPLACED',
  'DATABASE_UNSAFE',
  'DATABASE_VERSION',
]);

/**
 * How a process uses the database. `alone`: it does everything, so neither another one like it nor a node of a cluster
 * may be there. `node`: any number of them, beside none that is alone. `tool`: attaches for a moment, beside anybody.
 */
export type Tenant = 'alone' | 'node' | 'tool';

export interface Terms {
  /** Where to connect; asked again after each loss, because the server may have been started anew. */
  readonly locate: () => Promise<string>;
  /** Is there a server to reach at all? Asked before one more attempt when closing. */
  readonly isUp: () => Promise<boolean>;
  /** Who holds the "server" lock of the schema: alone, together with other nodes, or not at all. */
  readonly tenant: Tenant;
  readonly say: Say;
  /** Called when coming back after an outage is of no use; the fault says why. */
  readonly onDisplaced: (fault: Fault) => void;
}

interface Backend {
  readonly pid: number;
  readonly started: string;
}

interface Holder {
  readonly name: string;
  readonly address: string | null;
  readonly isNode: boolean;
}

export class Tenancy {
  readonly #terms: Terms;
  #session: pg.Client | undefined;
  /** What was found last: an outage must not end with another cluster, or an old primary of this one. */
  #known: ServerFacts | undefined;
  #isClosing = false;
  /** The server process of the last session: ours, should it still be there after a cut. */
  #backend: Backend | undefined;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  /** The work of coming back after a loss; resolved while there is none. */
  #reentry: Promise<void> = Promise.resolve();

  private constructor(terms: Terms) {
    this.#terms = terms;
  }

  /**
   * @throws Fault DATABASE_IN_USE: another process holds the "server" lock
   * @throws Fault DATABASE_UNAVAILABLE, DATABASE_REFUSED, DATABASE_READ_ONLY, DATABASE_VERSION or DATABASE_UNSAFE
   */
  static async begin(terms: Terms): Promise<Tenancy> {
    const tenancy = new Tenancy(terms);
    await tenancy.#enter();
    return tenancy;
  }

  /** Gives the locks back. Resolves true when nobody else uses the database, and holds it alone until `leave`. */
  async isLast(): Promise<boolean> {
    await this.#close();
    try {
      if (this.#session === undefined && (await this.#terms.isUp())) await this.#enter();
      await this.#session?.query('select pg_advisory_unlock_shared($1, $2)', [NAMESPACE, USERS]);
      return (await this.#try('pg_try_advisory_lock($1, $2)', [NAMESPACE, USERS])) ?? false;
    } catch (error) {
      if (error instanceof Fault || isOutage(error)) return false; // whoever comes next adopts the server
      throw error;
    }
  }

  async leave(): Promise<void> {
    await this.#close();
    await this.#session?.end().catch(() => {});
    this.#session = undefined;
  }

  /** From now on a lost session is not made anew, and nobody but the closer uses it. */
  async #close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#timer);
    await this.#beating;
    await this.#reentry;
    clearInterval(this.#timer);
  }

  async #enter(): Promise<void> {
    const url = await this.#terms.locate();
    const socket = new Socket();
    const options = { applicationName: `itirp pid ${process.pid}` };
    const session = openClient(url, options, { stream: () => socket });
    session.on('error', () => {}); // `end` follows
    try {
      await session.connect();
      await session.query('set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5');
      await session.query('set tcp_keepalives_count = 3');
      await this.#inspect(session);
      await this.#replaceLast(session);
      await session.query('select pg_advisory_lock_shared($1, $2)', [NAMESPACE, USERS]);
      this.#session = session;
      await this.#takeServerLock();
    } catch (error) {
      this.#session = undefined;
      await session.end().catch(() => {});
      throw asFault(error);
    }
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      this.#beating ??= this.#beat(session, socket);
    }, BEAT_MS).unref();
    session.once('end', () => {
      if (!this.#isClosing && this.#session === session) this.#reentry = this.#reenter();
    });
  }

  /** The same cluster as ever, and one to trade on. */
  async #inspect(session: pg.Client): Promise<void> {
    const facts = await readFacts(session);
    checkIdentity(this.#known?.systemIdentifier, facts);
    checkFacts(facts);
    checkTimeline(this.#known?.timeline, facts);
    this.#known = facts;
  }

  /** After a cut the server may believe in the old session still, and the old session has our locks. */
  async #replaceLast(session: pg.Client): Promise<void> {
    const { pid = 0, started = '' } = this.#backend ?? {};
    const end = `select pg_terminate_backend(pid, ${GRACE_MS}) from pg_stat_activity
      where pid = $1 and backend_start::text = $2`;
    await session.query(end, [pid, started]);
    const ask = `select pid, backend_start::text as started from pg_stat_activity where pid = pg_backend_pid()`;
    this.#backend = (await session.query<Backend>(ask)).rows[0];
  }

  async #beat(session: pg.Client, socket: Socket): Promise<void> {
    const late = setTimeout(() => socket.destroy(), BEAT_MS_MAX).unref();
    await session.query('select 1').catch(() => {}); // `end` follows
    clearTimeout(late);
    this.#beating = undefined;
  }

  /** Does the session stand? Otherwise it is being made anew. */
  get isHeld(): boolean {
    return this.#session !== undefined;
  }

  async #takeServerLock(): Promise<void> {
    const { tenant } = this.#terms;
    if (tenant === 'tool') return;
    const deadline = performance.now() + GRACE_MS;
    const lock = `pg_try_advisory_lock${tenant === 'node' ? '_shared' : ''}($1, ${SERVER})`;
    while (!(await this.#try(lock, [NAMESPACE]))) {
      if (performance.now() > deadline) {
        const remedy = 'stop whatever has it first, or choose another DATA_DIR (or POSTGRES_URL)';
        throw new Fault('DATABASE_IN_USE', `${await this.#holder()}; ${remedy}`);
      }
      await sleep(100);
    }
  }

  /** Who holds the "server" lock, as the sessions say of themselves: their processes may be on other machines. */
  async #holder(): Promise<string> {
    const text = `select application_name as name, host(client_addr) as address, mode = 'ShareLock' as "isNode"
      from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and granted and pg_locks.database = (select oid from pg_database
        where datname = current_database()) and classid = $1 and objid::bigint = ${SERVER}::bigint & 4294967295`;
    const result = await this.#session?.query<Holder>(text, [NAMESPACE]);
    const [holder, ...others] = result?.rows ?? [];
    if (holder === undefined) return 'it is just going';
    const first = `${holder.name}${holder.address === null ? '' : ` at ${holder.address}`}`;
    if (!holder.isNode) return `${first} has it, alone`;
    return others.length === 0
      ? `${first} has it, a node of a cluster`
      : `${first} and ${others.length} more have it, nodes of a cluster`;
  }

  async #try(lock: string, keys: readonly number[]): Promise<boolean | undefined> {
    const result = await this.#session?.query<{ got: boolean }>(`select ${lock} as got`, [...keys]);
    return result?.rows[0]?.got;
  }

  /** The session broke: the server went away, and its locks with it. Comes back until it succeeds or is closed. */
  async #reenter(): Promise<void> {
    this.#session = undefined;
    this.#terms.say('lost PostgreSQL; trying to reach it again');
    for (let pauseMs = 50; !this.#isClosing; pauseMs = Math.min(2 * pauseMs, RETRY_MS_MAX)) {
      try {
        await this.#enter();
        this.#terms.say('PostgreSQL is back');
        return;
      } catch (error) {
        this.#terms.say(`PostgreSQL is not back yet: ${messageOf(error)}`);
        if (error instanceof Fault && FINAL.has(error.code)) {
          this.#terms.onDisplaced(error);
          return;
        }
        await sleep(pauseMs * (0.5 + Math.random())); // nodes do not come back in step
      }
    }
  }
}
