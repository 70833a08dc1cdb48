/** A house that trades while its backups are taken: two shards, each with its sequencer, orders without a pause. */
import type pg from 'pg';
import { order, place } from '../core/testing/story.ts';
import { notional } from '../core/values/fixed-point.ts';
import type { Position } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import type { Journal, SealedBatch } from '../journal/journal.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { PostgresSnapshots } from '../journal/snapshots-postgres.ts';
import { SystemClock } from '../sequencer/clock.ts';
import { fold } from '../sequencer/fold.ts';
import { snapshotOf, stateHash } from '../sequencer/snapshots.ts';
import { by, OPENING, type Stage, stage } from '../sequencer/stage.fixture.ts';

export const SHARDS = ['east', 'west'] as const;
const UNLIMITED = notional('80000000000');

export class TradingHouse {
  readonly pool: pg.Pool;
  readonly journals: ReadonlyMap<string, PostgresJournal>;
  readonly #stages: Stage[] = [];
  #isOver = false;
  #orders = 0;
  #traders: Promise<void>[] = [];

  private constructor(url: string) {
    this.pool = openPool(url, { connectionsMax: 12, statementTimeoutMs: 0, idleInTransactionMs: 0 });
    const journalOf = (shard: string) => new PostgresJournal({ url, pool: () => this.pool }, shard);
    this.journals = new Map(SHARDS.map((shard) => [shard, journalOf(shard)]));
  }

  static async open(url: string): Promise<TradingHouse> {
    const house = new TradingHouse(url);
    await house.pool.query(
      `insert into users (username, password_hash, role) values ('alice', 'h', 'TRADER'), ('bob', 'h', 'ADMIN')`,
    );
    await house.pool.query(
      `insert into user_changes (username, what, changed_by) values ('alice', 'added', 'bob')`,
    );
    for (const [shard, journal] of house.journals) {
      const it = stage({ shard, clock: new SystemClock() }, journal);
      await it.sequencer.start();
      const limits = {
        positionMax: UNLIMITED,
        dailyVolumeMax: UNLIMITED,
        netExposureMax: UNLIMITED,
        grossExposureMax: UNLIMITED,
      };
      for (const command of OPENING) await it.sequencer.submit(command, by);
      await it.sequencer.submit({ type: 'SetLimits', limits }, by);
      house.#stages.push(it);
    }
    return house;
  }

  get orders(): number {
    return this.#orders;
  }

  journal(shard: string): PostgresJournal {
    const journal = this.journals.get(shard);
    if (journal === undefined) throw new Error(`no shard ${shard}`);
    return journal;
  }

  async place(count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      for (const { sequencer } of this.#stages) {
        this.#orders += 1;
        await sequencer.submit(place(order(`o${this.#orders}`)), by);
      }
    }
  }

  /** Places orders until `rest`. */
  trade(): void {
    this.#isOver = false;
    const trader = async (): Promise<void> => {
      while (!this.#isOver) await this.place(1);
    };
    this.#traders = [trader(), trader()];
  }

  async rest(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#traders);
  }

  /** Keeps the state of each shard as it is now. */
  async keepSnapshots(): Promise<void> {
    for (const [shard, journal] of this.journals) {
      const { state, head } = await fold({ journal, snapshots: undefined });
      await new PostgresSnapshots(this.pool, shard).save(snapshotOf(state, head));
    }
  }

  async close(): Promise<void> {
    await this.rest();
    await Promise.all(this.#stages.map(({ sequencer }) => sequencer.stop()));
    await Promise.all([...this.journals.values()].map((journal) => journal.close()));
    await this.pool.end();
  }
}

/** What the facts of `journal` up to `position` come to, folded from zero. */
export async function stateHashAt(journal: Pick<Journal, 'read'>, position: Position): Promise<string> {
  const upTo = async function* (): AsyncGenerator<SealedBatch> {
    for await (const row of journal.read(0 as Position)) if (row.firstPosition <= position) yield row;
  };
  const cut = { ...journalWithout(), read: upTo };
  const { state, head } = await fold({ journal: cut, snapshots: undefined });
  if (head.position !== position) throw new Error(`no row ends at ${position}`);
  return stateHash(state).toString('hex');
}

/** A fold only reads. */
function journalWithout(): Omit<Journal, 'read'> {
  const never = async (): Promise<never> => {
    throw new Error('a fold only reads');
  };
  return { claim: never, append: never, confirm: never, head: never, positionBefore: never };
}
