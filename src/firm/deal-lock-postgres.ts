/**
 * Who deals the limits out, among all nodes: a lock in PostgreSQL, held by a transaction, which PostgreSQL ends when its
 * holder dies, and also when nothing is heard of it for as long as the pool says.
 */
import type pg from 'pg';
import { asFault } from '../database/outage.ts';

/** Its name is the schema's own: two platforms in one database do not disturb each other. */
const NAME = "hashtextextended('itirp deals limits in ' || current_setting('search_path'), 0)";

export class PostgresDealLock {
  readonly #pool: pg.Pool;
  /** Whoever else asks in this process is not to take connections for it. */
  #isTaken = false;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Resolves with how to give it back; undefined: somebody has it. @throws Fault DATABASE_UNAVAILABLE */
  async take(): Promise<(() => Promise<void>) | undefined> {
    if (this.#isTaken) return undefined;
    this.#isTaken = true;
    let giveBack: (() => Promise<void>) | undefined;
    try {
      giveBack = await this.#lock();
    } catch (error) {
      throw asFault(error);
    } finally {
      this.#isTaken = giveBack !== undefined;
    }
    return giveBack;
  }

  /** On a connection of its own. Where that breaks, the lock is gone, and somebody else may begin. */
  async #lock(): Promise<(() => Promise<void>) | undefined> {
    const client = await this.#pool.connect();
    const ignore = (): void => {}; // its next statement says so
    client.on('error', ignore);
    const leave = (isWhole: boolean): void => {
      client.off('error', ignore);
      client.release(!isWhole);
    };
    try {
      await client.query('begin');
      const sql = `select pg_try_advisory_xact_lock(${NAME}) as is_ours`;
      const { rows } = await client.query<{ readonly is_ours: boolean }>(sql);
      if (rows[0]?.is_ours !== true) {
        await client.query('rollback');
        leave(true);
        return undefined;
      }
    } catch (error) {
      leave(false);
      throw error;
    }
    return async () => {
      const unlocking = client.query('commit');
      leave(await unlocking.then(() => true).catch(() => false)); // a connection that is closed unlocks as well
      this.#isTaken = false;
    };
  }
}
