/** The shards that this process has been dealt: each is taken up until it stands, and let go of when it is told to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../faults/fault.ts';

/** Something that was taken up, and can be let go of. */
export interface Owned {
  stop(): Promise<void>;
}

/**
 * Takes a shard up. `signal`: it is not wanted any more, and whatever waits should end. `onFatal` hears that what was
 * taken up must not go on.
 */
export type Attempt = (signal: AbortSignal, onFatal: (error: unknown) => void) => Promise<Owned>;

export interface OwnershipOptions {
  /** How `shard` is taken up, each time that it is dealt to us: tried until it stands. */
  readonly attemptsAt: (shard: string) => Attempt;
  /** Between two attempts after an outage: doubled from the first to the most, in milliseconds. */
  readonly backoffMs?: { readonly first: number; readonly most: number };
  /** An outage; it is tried again in `retryMs`. */
  readonly onTrouble: (shard: string, fault: Fault, retryMs: number) => void;
  /** What trying again would not mend: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

interface Hold {
  readonly letGo: AbortController;
  /** Settled when nothing of it is left. */
  readonly gone: PromiseWithResolvers<void>;
  /** Undefined once it has been given up. */
  readonly owned: Promise<Owned | undefined>;
}

const BACKOFF_MS = { first: 200, most: 5_000 };

export class Ownership {
  readonly #options: OwnershipOptions;
  readonly #holds = new Map<string, Hold>();
  readonly #standing = new Set<string>();
  #isOver = false;

  constructor(options: OwnershipOptions) {
    this.#options = options;
  }

  /** Dealt to us, whether they stand yet or not. */
  get dealt(): readonly string[] {
    return [...this.#holds.keys()];
  }

  /** Dealt to us and standing. */
  get standing(): readonly string[] {
    return [...this.#standing];
  }

  /** These are ours from now on. Those that were are left as they are; once we stop there are none. */
  assigned(shards: readonly string[]): void {
    if (this.#isOver) return; // the group hears in a moment that we leave, and deals them to another
    for (const shard of shards) {
      const before = this.#holds.get(shard);
      if (before?.letGo.signal.aborted === false) continue;
      const letGo = new AbortController();
      const owned = this.#takeUp(shard, letGo.signal, before?.gone.promise);
      this.#holds.set(shard, { letGo, owned, gone: Promise.withResolvers() });
    }
  }

  /** Resolves when nothing of them is left here. */
  async revoked(shards: readonly string[]): Promise<void> {
    await Promise.all(shards.map((shard) => this.#letGo(shard)));
  }

  /** Lets go of all, for good. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.revoked(this.dealt);
  }

  async #takeUp(
    shard: string,
    signal: AbortSignal,
    before: Promise<void> | undefined,
  ): Promise<Owned | undefined> {
    if (before !== undefined) await before; // it was ours a moment ago, and is not let go of yet
    const { first, most } = this.#options.backoffMs ?? BACKOFF_MS;
    const attempt = this.#options.attemptsAt(shard);
    let hasStood = false;
    const onFatal = (error: unknown): void => {
      // Where it takes long, the next owner may have claimed it already: that ends nothing that ever stood.
      if (!signal.aborted || hasStood) this.#options.onFatal(error);
    };
    for (let retryMs = first; !signal.aborted; retryMs = Math.min(2 * retryMs, most)) {
      try {
        const owned = await attempt(signal, onFatal);
        hasStood = true;
        if (!signal.aborted) this.#standing.add(shard);
        return owned;
      } catch (error) {
        if (signal.aborted) return undefined;
        if (!(error instanceof Fault && error.mayRetry)) {
          this.#options.onFatal(error);
          return undefined;
        }
        this.#options.onTrouble(shard, error, retryMs);
      }
      await sleep(retryMs, undefined, { signal }).catch(() => {}); // being let go of cuts it short
    }
    return undefined;
  }

  async #letGo(shard: string): Promise<void> {
    const hold = this.#holds.get(shard);
    if (hold === undefined) return;
    if (hold.letGo.signal.aborted) return hold.gone.promise;
    hold.letGo.abort();
    this.#standing.delete(shard);
    try {
      const owned = await hold.owned;
      await owned?.stop();
    } finally {
      if (this.#holds.get(shard) === hold) this.#holds.delete(shard);
      hold.gone.resolve();
    }
  }
}
