/** What a tool still says when it is interrupted, while its database is open. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Whoever interrupts waits no longer than this, in milliseconds: a supervisor kills after ten seconds or more. */
const PATIENCE_MS = 3_000;

export class LastWords {
  readonly #words = new Set<() => Promise<void>>();

  /** Returns how to take it back. */
  add(word: () => Promise<void>): () => void {
    this.#words.add(word);
    return () => this.#words.delete(word);
  }

  /** Resolves when all is said, or time is up. */
  async say(): Promise<void> {
    const all = Promise.allSettled([...this.#words].map((word) => word()));
    await Promise.race([all, sleep(PATIENCE_MS, undefined, { ref: false })]);
  }
}
