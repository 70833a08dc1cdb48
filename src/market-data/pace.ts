/** When a recorded instant is due in real time. Pure reckoning: it reads no clock and waits for nothing. */
import { assert } from '../core/values/assert.ts';
import type { Micros } from '../core/values/names.ts';

export class Pace {
  readonly #speed: number;
  readonly #silenceMaxMs: number;
  /** The last recorded instant, and the real one (ms) it was due at; undefined: the next starts the count. */
  #recorded: Micros | undefined;
  #due: number | undefined;

  /**
   * `speed`: recorded seconds per real second, or Infinity. Recorded silence beyond `silenceMaxMs` is
   * shortened to it.
   */
  constructor(speed: number, silenceMaxMs: number) {
    assert(speed > 0, 'a speed is positive');
    this.#speed = speed;
    this.#silenceMaxMs = silenceMaxMs;
  }

  /**
   * The real instant, in ms, at which what was recorded `at` is due; `now` is the real one. Counted from when
   * the one before was due, not from when it was given: a late timer is caught up and errors do not add up.
   */
  dueAt(at: Micros, now: number): number {
    const silenceMs =
      this.#recorded === undefined ? 0 : Math.min((at - this.#recorded) / 1000, this.#silenceMaxMs);
    this.#recorded = at;
    this.#due = (this.#due ?? now) + silenceMs / this.#speed;
    return this.#due;
  }

  /**
   * After a pause: the recording's clock stood still, so the next instant is counted from when it is asked
   * for.
   */
  restart(): void {
    this.#due = undefined;
  }
}
