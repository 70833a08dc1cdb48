/** How far the views are, where the projectors run elsewhere: asked of the views' own table, once for all who wait. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Position } from '../core/values/names.ts';
import { asFault } from '../database/outage.ts';
import type { Arrivals } from './arrivals.ts';
import { PROJECTION } from './views.ts';

/** Between two looks while somebody waits, in milliseconds. */
const LOOK_MS = 15;

export class PostgresArrivals implements Arrivals {
  readonly #pool: pg.Pool;
  /** What was seen last; the views only go forward. */
  readonly #seen = new Map<string, Position>();
  #looking: Promise<void> | undefined;

  /** `pool`: of the views that are meant, the primary's or a standby's. */
  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async reached(shard: string, position: Position, waitMs: number): Promise<boolean> {
    const untilMs = performance.now() + waitMs;
    while ((this.#seen.get(shard) ?? 0) < position) {
      await this.#look();
      if ((this.#seen.get(shard) ?? 0) >= position) break;
      if (performance.now() >= untilMs) return false;
      await sleep(LOOK_MS);
    }
    return true;
  }

  #look(): Promise<void> {
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #ask(): Promise<void> {
    try {
      const { rows } = await this.#pool.query<{ shard: string; position: bigint }>({
        name: 'arrivals',
        text: 'select shard, position from projection_positions where name = $1',
        values: [PROJECTION],
      });
      for (const { shard, position } of rows) this.#seen.set(shard, Number(position) as Position);
    } catch (error) {
      throw asFault(error);
    }
  }
}
