/**
 * Many deadlines of one length under one timer: a call that is answered in time costs no timer of its own.
 */
import { Fifo } from './fifo.ts';

interface Deadline {
  /** By `performance.now()`, in milliseconds. */
  readonly due: number;
  /** Undefined once it no longer matters. */
  expire: (() => void) | undefined;
}

export class Deadlines {
  readonly #lengthMs: number;
  /** All are of one length, so the first set is the first due. */
  readonly #set = new Fifo<Deadline>();
  #timer: NodeJS.Timeout | undefined;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** Calls `expire` when the time is up, unless the returned function was called before. */
  set(expire: () => void): () => void {
    const deadline: Deadline = { due: performance.now() + this.#lengthMs, expire };
    this.#set.push(deadline);
    this.#timer ??= setTimeout(() => this.#expire(), this.#lengthMs);
    return () => {
      deadline.expire = undefined;
      this.#dropMet();
    };
  }

  /**
   * Those met in time go as soon as they are first, so that the queue is no longer than what is under way.
   */
  #dropMet(): void {
    while (this.#set.length > 0 && this.#set.peek()?.expire === undefined) this.#set.shift();
    if (this.#set.length > 0 || this.#timer === undefined) return;
    // Left to run, it would hold up the end of the process; set and cleared at each lone call it costs next
    // to nothing.
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (;;) {
      const first = this.#set.peek();
      if (first === undefined || first.due > now) break;
      this.#set.shift();
      first.expire?.();
    }
    this.#dropMet();
    const next = this.#set.peek();
    if (next !== undefined) this.#timer ??= setTimeout(() => this.#expire(), Math.max(1, next.due - now));
  }
}
