/** A schema that is thrown away: one at a time in a database, and whatever a killed command left of it swept first. */
import pg from 'pg';
import { asFault } from '../database/outage.ts';
import { openClient, openPool, type PoolOptions, withSchema } from '../database/pool.ts';
import { Fault } from '../faults/fault.ts';

/**
 * Our own user's sessions that hold a table of the schema: of an interrupted command, in the middle of a long statement.
 * Others are waited for: the server's vacuum, which we may not end, gives way by itself to whoever waits for its table.
 */
const CUT_OFF = `
  select pg_terminate_backend(pid) from pg_locks join pg_class on pg_class.oid = relation
    join pg_stat_activity using (pid)
  where usename = current_user
    and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()
    and relnamespace = (select oid from pg_namespace where nspname = $1)`;

export class ScratchSchema {
  readonly name: string;
  /** Everything unqualified is in the schema. Holds the password: never log it. */
  readonly url: string;
  readonly #session: pg.Client;
  readonly #pools: pg.Pool[] = [];
  #dropping: Promise<void> | undefined;

  private constructor(name: string, url: string, session: pg.Client) {
    this.name = name;
    this.url = withSchema(url, name);
    this.#session = session;
  }

  /** @throws Fault DATABASE_IN_USE: another command is at it; DATABASE_UNAVAILABLE */
  static async make(url: string, name: string): Promise<ScratchSchema> {
    const session = openClient(url, { statementTimeoutMs: 0, applicationName: `itirp ${name}` });
    session.on('error', () => {});
    try {
      await session.connect();
      const lock = "select pg_try_advisory_lock(hashtextextended('itirp scratch ' || $1, 0)) as got";
      const { rows } = await session.query<{ got: boolean }>(lock, [name]);
      if (rows[0]?.got !== true)
        throw new Fault('DATABASE_IN_USE', `another command works in the schema ${name}`);
      await session.query(`drop schema if exists ${pg.escapeIdentifier(name)} cascade`);
      return new ScratchSchema(name, url, session);
    } catch (error) {
      await session.end().catch(() => {});
      throw asFault(error);
    }
  }

  pool(options?: PoolOptions): pg.Pool {
    const pool = openPool(this.url, options);
    this.#pools.push(pool);
    return pool;
  }

  /** Removes it with all that is in it; whoever still works there is cut off. Once is enough. */
  drop(): Promise<void> {
    this.#dropping ??= this.#drop();
    return this.#dropping;
  }

  async #drop(): Promise<void> {
    try {
      await this.#session.query(CUT_OFF, [this.name]);
      await Promise.all(this.#pools.map((pool) => pool.end()));
      await this.#session.query(`drop schema if exists ${pg.escapeIdentifier(this.name)} cascade`);
    } catch (error) {
      throw asFault(error);
    } finally {
      await this.#session.end().catch(() => {}); // and with it goes the lock
    }
  }
}
