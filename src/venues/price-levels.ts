/** The resting orders of one side of one instrument: best price first, oldest first within a price. */

import type { VenueReport } from '../core/commands.ts';
import { assert } from '../core/values/assert.ts';
import type { VenueOrder } from './venue.ts';

/** An order that works at the venue, with all that was said about it. */
export interface Working {
  readonly order: VenueOrder;
  /** Still open; above zero as long as it rests. */
  leaves: bigint;
  readonly reports: VenueReport[];
  /** How many of the reports were the answer to `place`. */
  firstWords: number;
  /** Where it rests, between an older and a younger one; undefined while it does not. */
  level: Level | undefined;
  older: Working | undefined;
  younger: Working | undefined;
}

interface Level {
  readonly rank: bigint;
  oldest: Working | undefined;
  youngest: Working | undefined;
}

/** Ranks are prices turned so that higher is better: for buys the price itself, for sells its negative. */
export class PriceLevels {
  /** Ascending by rank, so that the best is last: where the market comes and goes, nothing is shifted. */
  readonly #levels: Level[] = [];

  /** The oldest order of the best rank. */
  get best(): Working | undefined {
    return this.#levels.at(-1)?.oldest;
  }
  /** The rank of the best; undefined where nothing rests. */
  get bestRank(): bigint | undefined {
    return this.#levels.at(-1)?.rank;
  }

  /** Puts `working` behind all others of `rank`. */
  add(rank: bigint, working: Working): void {
    assert(working.level === undefined, 'an order rests once');
    const level = this.#levelOf(rank);
    working.level = level;
    working.older = level.youngest;
    if (level.youngest === undefined) level.oldest = working;
    else level.youngest.younger = working;
    level.youngest = working;
  }

  /** Takes `working` out, wherever it rests. */
  remove(working: Working): void {
    const { level, older, younger } = working;
    assert(level !== undefined, 'the order rests');
    if (older === undefined) level.oldest = younger;
    else older.younger = younger;
    if (younger === undefined) level.youngest = older;
    else younger.older = older;
    working.level = undefined;
    working.older = undefined;
    working.younger = undefined;
    if (level.oldest === undefined) this.#levels.splice(this.#indexOf(level.rank), 1);
  }

  #levelOf(rank: bigint): Level {
    const index = this.#indexOf(rank);
    const found = this.#levels[index];
    if (found?.rank === rank) return found;
    const level: Level = { rank, oldest: undefined, youngest: undefined };
    this.#levels.splice(index, 0, level);
    return level;
  }

  /** Where the level of `rank` is, or would go: by halving. */
  #indexOf(rank: bigint): number {
    let low = 0;
    let high = this.#levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const level = this.#levels[middle];
      if (level !== undefined && level.rank < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
