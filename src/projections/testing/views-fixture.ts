/** Views and a journal on real PostgreSQL for a test file: empty before each test, told one long history. */
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { freshSchema } from '../../../test/schema.ts';
import type { Position } from '../../core/values/names.ts';
import { openPool } from '../../database/pool.ts';
import type { Entry } from '../../journal/entry.ts';
import { PostgresJournal } from '../../journal/postgres.ts';
import type { Source } from '../catch-up.ts';
import { type Manners, Projector } from '../projector.ts';
import { type RebuildReport, rebuild } from '../rebuild.ts';
import { JournalWriter } from './journal-writing.ts';
import { anyAct, batchesOf, Trading } from './trading.ts';

/** The same history on every run, told by fast-check's own generator. */
const [acts] = fc.sample(fc.array(anyAct, { minLength: 1_500, maxLength: 1_500, size: 'max' }), {
  seed: 20_260_130,
  numRuns: 1,
});
export const { entries } = new Trading().act(...(acts ?? []));

/** The same story told of other orders, as another shard would have it. */
export const elsewhere: readonly Entry[] = renamed(entries);

function renamed<Value>(value: Value): Value {
  if (typeof value === 'string') return value.replace(/^[0-9a-f]{8}-(?=[0-9a-f]{4}-)/, 'e15e0000-') as Value;
  if (Array.isArray(value)) return value.map(renamed) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, renamed(held)])) as Value;
}

/** Position of the last fact of the first `n` entries. */
export const endOf = (n: number): Position =>
  entries.slice(0, n).reduce((sum, { events }) => sum + events.length, 0) as Position;
/** Position of the history's last fact. */
export const end = endOf(entries.length);

/** Small transactions and no waiting: many chances to be stopped in mid-way. */
export const BRISK: Partial<Manners> = { factsMax: 40, paceMs: 0, pollMs: 20, retryMs: 5 };

export class ViewsFixture {
  readonly url: string;
  readonly pool: pg.Pool;
  source: Source;
  #shards = 0;

  private constructor(url: string) {
    this.url = url;
    this.pool = openPool(url, { connectionsMax: 8 });
    this.source = this.#nextSource();
  }

  /** Call at the top of a test file; ask for the fixture in the tests. */
  static install(): () => ViewsFixture {
    let fixture: ViewsFixture | undefined;
    beforeAll(async () => {
      fixture = new ViewsFixture(await freshSchema());
    });
    beforeEach(() => fixture?.clear());
    afterAll(() => fixture?.pool.end());
    return () => {
      if (fixture === undefined) throw new Error('asked for outside a test');
      return fixture;
    };
  }

  async clear(): Promise<void> {
    await this.pool.query(
      'truncate events, orders, executions, positions, order_counts, projection_positions, shard_assignments',
    );
    this.source = this.#nextSource();
  }

  /** From here on, another shard beside what is there. Returns its name. */
  nextShard(): string {
    this.source = this.#nextSource();
    return this.source.shard;
  }

  /** Writes the history's entries from `start` to `end` into the journal. */
  async tell(start = 0, end = entries.length, history: readonly Entry[] = entries): Promise<void> {
    const written: readonly Entry[] = history.slice(start, end);
    const { journal, shard } = this.source;
    await new JournalWriter(journal as PostgresJournal, shard).write(batchesOf(written, 7, endOf(start)));
  }

  projector(options: Partial<ConstructorParameters<typeof Projector>[0]> = {}): Projector {
    return new Projector({ pool: this.pool, source: this.source, manners: BRISK, ...options });
  }

  /** Runs a projector until it stands at `position`, then stops it. */
  async project(position = end, manners = BRISK): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const onProgress = (at: Position): void => {
      if (at >= position) resolve();
    };
    const projector = this.projector({ manners, onProgress });
    const run = projector.run();
    await Promise.race([promise, run]);
    await projector.stop();
    await run;
  }

  async rebuild(apply = false): Promise<RebuildReport> {
    return await this.rebuildOf([this.source], apply);
  }

  async rebuildOf(sources: readonly Source[], apply = false): Promise<RebuildReport> {
    return await rebuild({ url: this.url, pool: this.pool, sources, apply });
  }

  async count(table: string): Promise<number> {
    const found = await this.pool.query<{ n: bigint }>(`select count(*) as n from ${table}`);
    return Number(found.rows[0]?.n ?? 0n);
  }

  #nextSource(): Source {
    const shard = `test-${++this.#shards}`;
    return { shard, journal: new PostgresJournal({ url: this.url, pool: () => this.pool }, shard) };
  }
}
