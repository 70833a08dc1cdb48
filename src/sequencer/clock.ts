/** The one clock of the platform: UTC in whole microseconds, as the sequencer stamps it. */
import type { Micros } from '../core/values/names.ts';

export interface Clock {
  /** UTC microseconds since 1970, an integer; never less than it said before. */
  now(): Micros;
}

/** Clocks of two machines that work are no further apart, in microseconds: each is within two seconds of PostgreSQL's. */
export const CLOCKS_APART = 5_000_000;

const MICROS_PER_MS = 1000;

/**
 * The machine's wall clock, made finer by its monotonic one. The wall clock has whole milliseconds and may be
 * slewed or stepped; the monotonic one has fractions but drifts away over days. So the fractions are taken only
 * within the wall clock's current millisecond. Where the wall clock is set back, time stands still until it is
 * caught up with.
 */
export class SystemClock implements Clock {
  #offset = Number.NaN; // wall minus monotonic, microseconds
  #last = 0;

  now(): Micros {
    const wall = Date.now() * MICROS_PER_MS;
    const monotonic = Math.floor(performance.now() * MICROS_PER_MS);
    let at = monotonic + this.#offset;
    if (!(at >= wall)) at = this.#anchor(wall, monotonic);
    else if (at >= wall + MICROS_PER_MS) at = this.#anchor(wall + MICROS_PER_MS - 1, monotonic);
    if (at > this.#last) this.#last = at;
    return this.#last as Micros;
  }

  #anchor(at: number, monotonic: number): number {
    this.#offset = at - monotonic;
    return at;
  }
}
