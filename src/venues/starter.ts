/** Starts what there is to do a little at a time: a burst of orders must not hold up those who wait for answers. */
import { Fifo } from './fifo.ts';

/** In one turn of the event loop. */
const STARTED_PER_TURN = 128;

export class Starter<T> {
  readonly #start: (each: T) => void;
  readonly #waiting = new Fifo<T>();
  #isStarting = false;

  constructor(start: (each: T) => void) {
    this.#start = start;
  }

  /** Starts `each` in its turn, and never at once. */
  push(each: T): void {
    this.#waiting.push(each);
    if (this.#isStarting) return;
    this.#isStarting = true;
    setImmediate(() => this.#startSome());
  }

  #startSome(): void {
    for (let i = 0; i < STARTED_PER_TURN; i += 1) {
      const each = this.#waiting.shift();
      if (each === undefined) break;
      this.#start(each);
    }
    this.#isStarting = this.#waiting.length > 0;
    if (this.#isStarting) setImmediate(() => this.#startSome());
  }
}
