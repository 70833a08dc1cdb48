/** Leaves a store alone that keeps failing: the first misses are waited for, those after cost nothing. */

/** Failures that open it. */
const FAILURES_MAX = 3;
/** How much of a failure a success makes good: one call in ten may fail for ever and it stays shut. */
const AMENDS = 0.1;

export class Breaker {
  #failures = 0;

  /** Is the store to be left alone? */
  get isOpen(): boolean {
    return this.#failures >= FAILURES_MAX;
  }
  succeeded(): void {
    if (this.#failures > 0 && !this.isOpen) this.#failures = Math.max(0, this.#failures - AMENDS);
  }
  failed(): void {
    this.#failures = Math.min(FAILURES_MAX, this.#failures + 1);
  }
  /** A probe was answered: everyone may call again. */
  close(): void {
    this.#failures = 0;
  }
}
