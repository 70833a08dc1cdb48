/** Makes the views anew from the journal beside the live ones, proves both equal, and repairs the live ones on request. */
import pg from 'pg';
import type { Position } from '../core/values/names.ts';
import { migrate } from '../database/migrations.ts';
import { asFault } from '../database/outage.ts';
import { Fault } from '../faults/fault.ts';
import { catchUp, type Source } from './catch-up.ts';
import { compareViews, repairView, type TableReport, VIEWS } from './compare.ts';
import { Fold } from './fold.ts';
import { lend, type Mark, PROJECTION, readMark, readPositions } from './views.ts';

export interface RebuildOptions {
  /** Of the live views' database. */
  readonly url: string;
  /** Of the live views: at least 3 connections. */
  readonly pool: pg.Pool;
  /** Every shard's journal. */
  readonly sources: readonly Source[];
  /** Put the live views right where they are not what the journal says. */
  readonly apply: boolean;
  readonly onProgress?: (progress: RebuildProgress) => void;
}

export interface RebuildProgress {
  readonly shard: string;
  readonly position: Position;
  /** Where the live views of the shard stand. */
  readonly target: Position;
}

export interface RebuildReport {
  /** The live views were what the journal says. */
  readonly equal: boolean;
  /** They were not, and have been put right. */
  readonly applied: boolean;
  /** At these facts both were compared. */
  readonly positions: ReadonlyMap<string, Position>;
  readonly tables: readonly TableReport[];
}

/**
 * Compares at the very fact where the live views stand, and does not stop them: the projector waits only for the last
 * few facts of the copy (and, with `apply`, for the repair). Readers never wait.
 * @throws Fault ARGUMENT_INVALID: the views hold a shard that is none of the sources; nothing was compared or touched
 * @throws Fault DATABASE_UNAVAILABLE or JOURNAL_UNAVAILABLE or JOURNAL_CORRUPT
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildReport> {
  const session = await Session.open(options);
  try {
    await session.refuseStrangers();
    await session.copyRoughly();
    const compared = await session.compare();
    if (compared.equal || !options.apply) return compared;
    return await session.repair();
  } catch (error) {
    throw asFault(error);
  } finally {
    await session.close();
  }
}

/** However long it takes, and whoever it has to wait for. */
const PATIENT =
  'set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0';

/** Facts left to copy that are not worth another round without the lock. */
const FEW = 20_000;

class Session {
  readonly #options: RebuildOptions;
  /** Looks at the live views and the copy; holds the lock. */
  readonly #live: pg.PoolClient;
  readonly #liveSchema: string;
  /** Writes the copy: everything unqualified is in its schema. */
  readonly #copy: pg.PoolClient;
  readonly #copySchema: string;

  private constructor(
    options: RebuildOptions,
    live: pg.PoolClient,
    liveSchema: string,
    copy: pg.PoolClient,
    copySchema: string,
  ) {
    this.#options = options;
    this.#live = live;
    this.#liveSchema = liveSchema;
    this.#copy = copy;
    this.#copySchema = copySchema;
  }

  /** One rebuild of a schema at a time; what a killed one left behind is swept away. */
  static async open(options: RebuildOptions): Promise<Session> {
    const { pool, url } = options;
    const live = await lend(pool);
    try {
      await live.query(PATIENT);
      const found = await live.query<{ schema: string }>('select current_schema() as schema');
      const liveSchema = found.rows[0]?.schema ?? 'public';
      const copySchema = `rebuild_of_${liveSchema}`.slice(0, 63);
      await live.query("select pg_advisory_lock(hashtextextended('itirp rebuild ' || $1, 0))", [liveSchema]);
      await live.query(`drop schema if exists ${pg.escapeIdentifier(copySchema)} cascade`);
      await migrate(url, { schema: copySchema });
      const copy = await lend(pool);
      await copy.query(`set search_path to ${pg.escapeIdentifier(copySchema)}; ${PATIENT}`);
      return new Session(options, live, liveSchema, copy, copySchema);
    } catch (error) {
      live.release(true);
      throw asFault(error);
    }
  }

  async close(): Promise<void> {
    this.#copy.release(true); // its search path must not be lent to anyone
    await this.#live
      .query(`rollback; drop schema if exists ${pg.escapeIdentifier(this.#copySchema)} cascade`)
      .catch(() => {}); // the next rebuild sweeps
    this.#live.release(true); // and with it goes the lock
  }

  /** Tables are of all shards together: without one of them its rows would be taken for rows of nobody. */
  async refuseStrangers(): Promise<void> {
    const named = this.#options.sources.map(({ shard }) => shard);
    const found = await this.#live.query<{ shard: string }>(
      `select shard from projection_positions
       where name = $1 and position > 0 and shard <> all($2::text[]) order by shard`,
      [PROJECTION, named],
    );
    if (found.rows.length === 0) return;
    const strangers = found.rows.map(({ shard }) => shard).join(', ');
    throw new Fault(
      'ARGUMENT_INVALID',
      `the read models hold the shard ${strangers} too; name every one in SHARDS`,
    );
  }

  /** Most of the work, while the live views go on. */
  async copyRoughly(): Promise<void> {
    for (let left = Number.POSITIVE_INFINITY; left > FEW; ) {
      left = 0;
      for (const source of this.#options.sources) {
        const target = await readMark(this.#live, source.shard);
        left += await this.#copyUpTo(source, target.position);
      }
    }
  }

  async compare(): Promise<RebuildReport> {
    const snapshot = await lend(this.#options.pool);
    try {
      const positions = await this.#meet();
      await snapshot.query(PATIENT);
      await snapshot.query('begin isolation level repeatable read read only');
      await snapshot.query('select 1'); // now: both stand at `positions` in it, whatever comes after
      await this.#live.query('commit');
      const tables = await compareViews(snapshot, this.#liveSchema, this.#copySchema);
      return { equal: tables.every(({ equal }) => equal), applied: false, positions, tables };
    } finally {
      snapshot.release(true);
    }
  }

  /** In one transaction; a projector that is waiting then finds another generation and reads the views anew. */
  async repair(): Promise<RebuildReport> {
    const positions = await this.#meet();
    const tables = await compareViews(this.#live, this.#liveSchema, this.#copySchema);
    for (const view of VIEWS) {
      const isWrong = tables.some(({ table, equal }) => table === view.table && !equal);
      if (isWrong && view.columns === undefined) {
        await repairView(this.#live, view, this.#liveSchema, this.#copySchema);
      }
    }
    await this.#live.query(
      `update projection_positions l
       set position = r.position, event_rows = r.event_rows, generation = l.generation + 1
       from ${pg.escapeIdentifier(this.#copySchema)}.projection_positions r
       where l.name = r.name and l.shard = r.shard`,
    );
    await this.#live.query('commit');
    return { equal: false, applied: true, positions, tables };
  }

  /** Stops the live views where they are (until the transaction of `#live` ends) and brings the copy there. */
  async #meet(): Promise<ReadonlyMap<string, Position>> {
    await this.#live.query('begin');
    const found = await this.#live.query<{ shard: string; position: bigint }>(
      'select shard, position from projection_positions where name = $1 order by shard for update',
      [PROJECTION],
    );
    const positions = new Map(found.rows.map((row) => [row.shard, Number(row.position) as Position]));
    for (const source of this.#options.sources) {
      await this.#copyUpTo(source, positions.get(source.shard) ?? (0 as Position));
    }
    return positions;
  }

  /** Resolves with how many facts that were. */
  async #copyUpTo(source: Source, target: Position): Promise<number> {
    const mark = await readMark(this.#copy, source.shard);
    const report = ({ position }: Mark): void =>
      this.#options.onProgress?.({ shard: source.shard, position, target });
    const fold = new Fold(source.shard, mark.position, await readPositions(this.#copy, source.shard));
    const pace = { factsMax: FEW, restMs: () => 0 };
    await catchUp(mark, {
      client: this.#copy,
      source,
      fold,
      pace,
      until: target,
      onCommitted: report,
    });
    return fold.position - mark.position;
  }
}
