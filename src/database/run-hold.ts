/** Says that a maintenance run is under way: a lock that PostgreSQL lets go of by itself when whoever holds it dies. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { asFault } from './outage.ts';
import { openClient } from './pool.ts';

/** A connection that breaks meanwhile is made anew, at first at once, in milliseconds. */
const RETRY_MS_MAX = 1_000;

/** The key of the lock of the run whose id `id` says, in SQL. */
const keyOf = (id: string): string => `hashtextextended('itirp run ' || ${id}, 0)`;

/** Is the run whose id `id` says under way, in SQL? A lock with one key shows as its two halves. */
export const isHeld = (id: string): string => `exists (
  select from pg_locks
  where locktype = 'advisory' and objsubid = 1 and granted
    and database = (select oid from pg_database where datname = current_database())
    and (classid::bigint << 32 | objid::bigint) = ${keyOf(`${id}::text`)})`;

/**
 * On a connection of its own: a pool closes one that nobody uses, and the lock with it. The lock is shared, for the
 * server may still believe in the session of a connection that was cut.
 */
export class RunHold {
  readonly #url: string;
  readonly #id: string;
  readonly #over = new AbortController();
  #client: pg.Client | undefined;

  constructor(url: string, id: string) {
    this.#url = url;
    this.#id = id;
  }

  /** @throws Fault DATABASE_UNAVAILABLE, or whatever else keeps it from being held */
  async take(): Promise<void> {
    const client = openClient(this.#url, { applicationName: 'itirp run' });
    client.on('error', () => {}); // `end` follows
    try {
      await client.connect();
      await client.query('set idle_session_timeout = 0');
      await client.query('set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5');
      await client.query('set tcp_keepalives_count = 3');
      await client.query(`select pg_advisory_lock_shared(${keyOf('$1')})`, [this.#id]);
    } catch (error) {
      await client.end().catch(() => {});
      throw asFault(error);
    }
    this.#client = client;
    client.once('end', () => {
      this.#client = undefined;
      void this.#retake();
    });
    if (this.#over.signal.aborted) await this.release(); // it ended while it began
  }

  /** For good. Write first how the run ended: without that word it has failed from here on. */
  async release(): Promise<void> {
    this.#over.abort();
    await this.#client?.end().catch(() => {});
  }

  async #retake(): Promise<void> {
    const { signal } = this.#over;
    for (let pauseMs = 50; !signal.aborted; pauseMs = Math.min(2 * pauseMs, RETRY_MS_MAX)) {
      try {
        return await this.take();
      } catch {
        await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }
}
