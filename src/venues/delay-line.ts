/**
 * A line to somewhere else: what is sent first arrives first, after its delay. One timer, however much is
 * under way.
 */
import { Fifo } from './fifo.ts';

interface Parcel {
  /** By `performance.now()`, in milliseconds. */
  readonly due: number;
  readonly arrive: () => void;
}

export class DelayLine {
  readonly #parcels = new Fifo<Parcel>();
  #lastDue = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Calls `arrive` after `delayMs`, and after all that was sent before; at once where nothing has to be
   * waited for.
   */
  send(delayMs: number, arrive: () => void): void {
    if (delayMs === 0 && this.#parcels.length === 0) {
      arrive();
      return;
    }
    // Never before the one ahead: a line keeps the order, as a session does.
    this.#lastDue = Math.max(this.#lastDue, performance.now() + delayMs);
    this.#parcels.push({ due: this.#lastDue, arrive });
    this.#arm();
  }

  #arm(): void {
    const parcel = this.#parcels.peek();
    if (this.#timer !== undefined || parcel === undefined) return;
    this.#timer = setTimeout(() => this.#deliver(), Math.max(0, parcel.due - performance.now()));
  }

  #deliver(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (;;) {
      const parcel = this.#parcels.peek();
      if (parcel === undefined || parcel.due > now) break;
      this.#parcels.shift();
      parcel.arrive();
    }
    this.#arm();
  }
}
