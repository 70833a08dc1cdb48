/** The house-keeping of the tables that are cut by time: room for the months to come, an end to what is too old. */
import type pg from 'pg';
import { codeOf, messageOf } from './outage.ts';

const EVERY_MS = 60 * 60_000;
/** After one that did not come about: somebody was reading what was to be cut, or PostgreSQL was away. */
const RETRY_MS = 60_000;

export interface TimeTablesOptions {
  /** Of events, executions and risk metrics; 0: all. */
  readonly keepDays: number;
  /** Tried again by itself in a minute. */
  readonly onTrouble?: ((says: string) => void) | undefined;
}

/**
 * Does what is due, once: safe beside readers, writers and other nodes that do the same.
 * @throws whatever PostgreSQL says; 55P03: it would have had to wait too long for a lock
 */
export async function keepTimeTables(pool: Pick<pg.Pool, 'query'>, keepDays: number): Promise<void> {
  await pool.query('select time_tables_ahead()');
  await pool.query('select time_tables_forget($1)', [keepDays]);
  await pool.query('select time_tables_summarize()');
}

export class TimeTables {
  readonly #pool: pg.Pool;
  readonly #options: TimeTablesOptions;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;

  constructor(pool: pg.Pool, options: TimeTablesOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /** Now, and every hour. Never throws: nothing waits for it, because the partition for the rest takes what has none. */
  start(): void {
    this.#working = this.#keep();
  }

  /** Resolves when what is under way is done. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#working;
    clearTimeout(this.#timer);
  }

  async #keep(): Promise<void> {
    let pauseMs = EVERY_MS;
    try {
      await keepTimeTables(this.#pool, this.#options.keepDays);
    } catch (error) {
      pauseMs = RETRY_MS;
      const isBusy = codeOf(error) === '55P03';
      this.#options.onTrouble?.(isBusy ? 'the tables to be cut by time are being read' : messageOf(error));
    }
    this.#timer = setTimeout(() => this.start(), pauseMs).unref();
  }
}
