/** A standby that answers reads which may lag: it is asked how far its copy of the views is before it is believed. */
import type pg from 'pg';
import { PostgresArrivals } from './arrivals-postgres.ts';
import type { Positions } from './reads.ts';

/** After trouble with it, nobody tries for so long, in milliseconds. */
const SHUN_MS = 2_000;

export class Replica {
  readonly pool: pg.Pool;
  readonly #arrivals: PostgresArrivals;
  #shunnedUntilMs = 0;

  /** `pool` leads to the standby; nothing is ever written through it. */
  constructor(pool: pg.Pool) {
    this.pool = pool;
    this.#arrivals = new PostgresArrivals(pool);
  }

  /** Does it show all of that by now? Never rejects. */
  async holds(atLeast: Positions): Promise<boolean> {
    if (performance.now() < this.#shunnedUntilMs) return false;
    try {
      const each = Array.from(atLeast, ([shard, position]) => this.#arrivals.reached(shard, position, 0));
      return (await Promise.all(each)).every((isThere) => isThere);
    } catch {
      this.shun();
      return false;
    }
  }

  /** It did not answer: leave it alone for a while. */
  shun(): void {
    this.#shunnedUntilMs = performance.now() + SHUN_MS;
  }
}
