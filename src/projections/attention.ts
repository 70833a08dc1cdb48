/** What a reader of the journal waits for: news beyond what it has, a rest, and its own end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Position } from '../core/values/names.ts';

export class Attention {
  readonly #stopping = new AbortController();
  readonly #pollMs: number;
  #poked = 0 as Position;
  #wake: (() => void) | undefined;

  /** `pollMs`: the journal is looked at this often even if nobody pokes. */
  constructor(pollMs: number) {
    this.#pollMs = pollMs;
  }

  /** Aborted once the reader is to stop. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** The newest fact that somebody told of. */
  get poked(): Position {
    return this.#poked;
  }

  /** There are facts up to `position`. */
  poke(position: Position): void {
    if (position <= this.#poked) return;
    this.#poked = position;
    this.#wake?.();
  }

  /** Waits for a poke beyond `position`, or for the next look. */
  async news(position: Position): Promise<void> {
    if (this.#poked > position || this.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, this.#pollMs);
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }

  /** Less than a millisecond is no rest. The end cuts it short. */
  async rest(ms: number): Promise<void> {
    if (ms < 1) return;
    await sleep(ms, undefined, { signal: this.signal }).catch(() => {});
  }

  /** The reader is to stop: whatever waits here ends. */
  end(): void {
    this.#stopping.abort();
    this.#wake?.();
  }
}
