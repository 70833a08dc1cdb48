/** The cache in this process. */
import { BoundedMap } from './bounded-map.ts';
import type { Cache } from './cache.ts';

interface Held {
  readonly value: string;
  readonly untilMs: number;
}

export class MemoryCache implements Cache {
  readonly #held: BoundedMap<string, Held>;
  readonly #now: () => number;

  /** `now`: milliseconds on any clock that never runs backwards. */
  constructor(keysMax = 10_000, now: () => number = () => performance.now()) {
    this.#held = new BoundedMap(keysMax);
    this.#now = now;
  }

  async get(key: string): Promise<string | undefined> {
    const held = this.#held.get(key);
    return held !== undefined && held.untilMs > this.#now() ? held.value : undefined;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#held.set(key, { value, untilMs: this.#now() + ttlMs });
  }

  async delete(key: string): Promise<void> {
    this.#held.delete(key);
  }
}
