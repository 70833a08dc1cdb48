/** Lets so many in at a time and no more; who is urgent goes before who is not. */
import { assert } from '../core/values/assert.ts';
import { Fifo } from './fifo.ts';

export class Gate {
  readonly #urgent = new Fifo<() => void>();
  readonly #others = new Fifo<() => void>();
  readonly #width: number;
  #inside = 0;

  constructor(width: number) {
    assert(width >= 1, 'a gate lets someone through');
    this.#width = width;
  }

  get inside(): number {
    return this.#inside;
  }
  get waiting(): number {
    return this.#urgent.length + this.#others.length;
  }

  /** Runs `work` when its turn comes. */
  async pass<T>(isUrgent: boolean, work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#width) this.#inside += 1;
    else {
      // Who leaves hands the place over, so the count stays as it is.
      await new Promise<void>((enter) => (isUrgent ? this.#urgent : this.#others).push(enter));
    }
    try {
      return await work();
    } finally {
      const next = this.#urgent.shift() ?? this.#others.shift();
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }
}
