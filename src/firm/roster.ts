/** Which shards the firm has: those this node was told of at its start, and those that nodes with a longer list have begun. */
import type { FirmStore } from './firm-store.ts';

/** What was heard is good for so long, in milliseconds: figures of another shard may be missing until then. */
const GOOD_FOR_MS = 1_000;

export class Roster {
  readonly #store: Pick<FirmStore, 'shards'>;
  /** SHARDS of this node: what it can send commands to. */
  readonly own: readonly string[];
  #all: readonly string[];
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(store: Pick<FirmStore, 'shards'>, own: readonly string[]) {
    this.#store = store;
    this.own = own;
    this.#all = own;
  }

  /** As last heard, in order; asks again by itself. One that was begun since is halted and without limits at first. */
  get all(): readonly string[] {
    if (performance.now() - this.#askedAtMs > GOOD_FOR_MS) this.renew().catch(() => {}); // the next reader asks again
    return this.#all;
  }

  /** As they are now. @throws Fault DATABASE_UNAVAILABLE */
  async renew(): Promise<readonly string[]> {
    this.#askedAtMs = performance.now();
    const begun = await this.#store.shards();
    this.#all = [...this.own, ...begun.filter((shard) => !this.own.includes(shard))];
    return this.#all;
  }
}
