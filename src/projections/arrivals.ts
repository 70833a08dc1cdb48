/** Waiting until the views hold what a reader must see, shard by shard. */
import type { Position } from '../core/values/names.ts';
import { type Progress, reached } from './progress.ts';

export interface Arrivals {
  /**
   * Resolves true once the views hold all of `shard` up to `position`, false when that takes longer than `waitMs`.
   * @throws Fault DATABASE_UNAVAILABLE
   */
  reached(shard: string, position: Position, waitMs: number): Promise<boolean>;
}

/** Where the projectors run in this process: they say themselves how far they are. */
export class FollowedArrivals implements Arrivals {
  readonly #progress: ReadonlyMap<string, Progress>;

  constructor(progress: ReadonlyMap<string, Progress>) {
    this.#progress = progress;
  }

  async reached(shard: string, position: Position, waitMs: number): Promise<boolean> {
    const progress = this.#progress.get(shard);
    return progress === undefined ? position <= 0 : await reached(progress, position, waitMs);
  }
}
