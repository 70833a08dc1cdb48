/** How long things took, in fixed memory: a count for each of 3,328 log-linear buckets, none wider than 1/128 of its value. */
import { assert } from '../core/values/assert.ts';

/** Buckets in each doubling of the value. */
const STEPS = 128;
const STEP_BITS = 7;
/** Below this every microsecond has a bucket of its own. */
const EXACT_BELOW = 2 * STEPS;
/** 71 minutes. What took longer counts as this. */
const MICROS_MAX = 2 ** 32 - 1;
const BUCKETS = EXACT_BELOW + (32 - STEP_BITS - 1) * STEPS;

/** What a quantile may be too high by, as a part of it. It is never too low. */
export const RELATIVE_ERROR_MAX = 1 / STEPS;

export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #sumMs = 0;
  #maxMicros = 0;

  get count(): number {
    return this.#count;
  }
  get maxMs(): number {
    return this.#maxMicros / 1000;
  }
  /** Zero where nothing was recorded. */
  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumMs / this.#count;
  }

  /** A clock that stepped back counts as no time at all. */
  record(ms: number): void {
    const micros = Math.min(MICROS_MAX, Math.max(0, Math.round(ms * 1000)));
    const bucket = bucketOf(micros);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sumMs += micros / 1000;
    if (micros > this.#maxMicros) this.#maxMicros = micros;
  }

  add(other: Histogram): void {
    for (const [bucket, count] of other.#counts.entries()) {
      if (count > 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
    }
    this.#count += other.#count;
    this.#sumMs += other.#sumMs;
    this.#maxMicros = Math.max(this.#maxMicros, other.#maxMicros);
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sumMs = 0;
    this.#maxMicros = 0;
  }

  /**
   * The smallest value that at least `part` of all values do not exceed (nearest rank), at the upper edge of its
   * bucket. Zero where nothing was recorded.
   */
  quantileMs(part: number): number {
    assert(part > 0 && part <= 1, 'a quantile is above 0 and up to 1');
    const rank = Math.ceil(part * this.#count);
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank && count > 0) return Math.min(upperEdgeOf(bucket), this.#maxMicros) / 1000;
    }
    return 0;
  }

  /** Every bucket that holds something: its upper edge in milliseconds, and how many. */
  buckets(): [upToMs: number, count: number][] {
    const filled: [number, number][] = [];
    for (const [bucket, count] of this.#counts.entries()) {
      if (count > 0) filled.push([Math.min(upperEdgeOf(bucket), this.#maxMicros) / 1000, count]);
    }
    return filled;
  }
}

function bucketOf(micros: number): number {
  if (micros < EXACT_BELOW) return micros;
  const shift = 31 - Math.clz32(micros) - STEP_BITS;
  return EXACT_BELOW + (shift - 1) * STEPS + ((micros >>> shift) - STEPS);
}

function upperEdgeOf(bucket: number): number {
  if (bucket < EXACT_BELOW) return bucket;
  const above = bucket - EXACT_BELOW;
  const shift = Math.floor(above / STEPS) + 1;
  const steps = (above % STEPS) + STEPS;
  return (steps + 1) * 2 ** shift - 1;
}
