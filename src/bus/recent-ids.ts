/** Ids that were met lately: none is forgotten before its time, unless there are more of them than memory is given. */
import type { Micros } from '../core/values/names.ts';

export interface RecentIdsOptions {
  /** How long an id is kept at least, in milliseconds. */
  readonly keptMs: number;
  readonly now: () => Micros;
  /**
   * Never more than so many. Each takes some 100 bytes, so this many are some 200 MB; they are there only where so many
   * come within `keptMs`. Beyond it the oldest go before their time, and {@link RecentIds.since} says so. Default 2,097,152.
   */
  readonly idsMax?: number;
  /** However old, so many are kept. Default 131,072. */
  readonly idsMin?: number;
}

/** What came between two moments, the later of which is `closedAt`. */
interface Generation {
  readonly ids: ReadonlySet<string>;
  readonly closedAt: Micros;
}

const IDS_MAX = 2_097_152;
const IDS_MIN = 131_072;

export class RecentIds {
  readonly #keptMicros: number;
  readonly #now: () => Micros;
  readonly #idsMax: number;
  readonly #idsMin: number;
  #young = new Set<string>();
  #openedAt: Micros;
  /** Those before it, the oldest first. */
  #closed: Generation[] = [];
  /** In all of `#closed`. */
  #closedIds = 0;
  #since: Micros | undefined;

  constructor({ keptMs, now, idsMax = IDS_MAX, idsMin = IDS_MIN }: RecentIdsOptions) {
    this.#keptMicros = 1_000 * keptMs;
    this.#now = now;
    this.#idsMax = idsMax;
    this.#idsMin = idsMin;
    this.#openedAt = now();
  }

  /** From when on every id that was added is known; undefined: nothing was forgotten yet. */
  get since(): Micros | undefined {
    return this.#since;
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#closed.some(({ ids }) => ids.has(id));
  }

  add(id: string): void {
    this.#young.add(id);
    // Cut so that no more than a few handfuls of generations are ever looked through.
    if (this.#young.size < Math.min(this.#idsMin, this.#idsMax) / 4) return;
    const now = this.#now();
    const isDue = now - this.#openedAt >= this.#keptMicros / 4 || this.#young.size >= this.#idsMax / 8;
    if (isDue) this.#close(now);
  }

  #close(now: Micros): void {
    this.#closed.push({ ids: this.#young, closedAt: now });
    this.#closedIds += this.#young.size;
    this.#young = new Set();
    this.#openedAt = now;
    for (let [oldest] = this.#closed; oldest !== undefined; [oldest] = this.#closed) {
      const { ids, closedAt } = oldest;
      const isOver = closedAt < now - this.#keptMicros && this.#closedIds - ids.size >= this.#idsMin;
      // Room is made for the whole of the next generation.
      const isTooMuch = this.#closedIds > this.#idsMax - this.#idsMax / 8;
      if (!isOver && !isTooMuch) return;
      this.#closed.shift();
      this.#closedIds -= ids.size;
      this.#since = (closedAt + 1) as Micros;
    }
  }
}
