/** Tells readers of the journals that run beside other nodes' engines how far those are: by word of mouth and by looking. */
import type { Channels } from '../cache/channels.ts';
import type { Position } from '../core/values/names.ts';
import type { FirmStore } from './firm-store.ts';
import { decodeHead, HEADS_CHANNEL } from './news.ts';

/** Between two looks, in milliseconds: a word that was lost costs no more. */
const LOOK_MS = 50;
/** While SQL does not answer. */
const TROUBLE_MS = 1_000;

export interface HeadWatchOptions {
  readonly shards: readonly string[];
  readonly channels: Pick<Channels, 'subscribe'>;
  readonly store: Pick<FirmStore, 'heads'>;
  /** The journal of `shard` ends at `position` or beyond: told once for each step forward. */
  readonly onHead: (shard: string, position: Position) => void;
  readonly lookMs?: number;
}

export class HeadWatch {
  readonly #options: HeadWatchOptions;
  readonly #heads = new Map<string, Position>();
  #leave: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: HeadWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#leave = this.#options.channels.subscribe(HEADS_CHANNEL, (message) => {
      const head = decodeHead(message);
      if (head !== undefined) this.#hear(head.shard, head.position);
    });
    this.#lookIn(0);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#leave();
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #hear(shard: string, position: Position): void {
    if (this.#isStopped || !this.#options.shards.includes(shard)) return;
    if (position <= (this.#heads.get(shard) ?? 0)) return;
    this.#heads.set(shard, position);
    this.#options.onHead(shard, position);
  }

  #lookIn(ms: number): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look();
    }, ms);
  }

  async #look(): Promise<void> {
    const { store, shards, lookMs = LOOK_MS } = this.#options;
    try {
      for (const [shard, position] of await store.heads(shards)) this.#hear(shard, position);
      this.#lookIn(lookMs);
    } catch {
      this.#lookIn(TROUBLE_MS); // whoever reads the journal says what is wrong
    }
  }
}
