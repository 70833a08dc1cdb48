/** The tally in one process, for tests of what shares it. */
import { type Charge, type Tally, USED_MAX_MS } from './tally.ts';

export class MemoryTally implements Tally {
  readonly isUp = true;
  readonly #dueMs = new Map<string, number>();
  readonly #now: () => number;

  /** `now`: milliseconds on any clock that never runs backwards. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  async charge(charges: readonly Charge[]): Promise<readonly number[]> {
    const now = this.#now();
    return charges.map(({ key, addMs, floorMs }) => {
      const before = Math.max(this.#dueMs.get(key) ?? 0, now + floorMs);
      const due = Math.min(before + addMs, now + USED_MAX_MS);
      this.#dueMs.set(key, due);
      return due - now;
    });
  }
}
