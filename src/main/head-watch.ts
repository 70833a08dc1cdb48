/** Where the journals of all shards end: told by the engines, and looked at in case nobody tells. */
import type pg from 'pg';
import type { Channels } from '../cache/channels.ts';
import type { Position } from '../core/values/names.ts';
import { decodeHead, HEADS_CHANNEL } from '../firm/news.ts';

/** Between two looks, in milliseconds: what a reader may be late where Redis is away. */
const LOOK_MS = 50;

export interface HeadWatchOptions {
  readonly pool: pg.Pool;
  readonly channels: Channels;
  readonly lookMs?: number;
}

type Listener = (position: Position) => void;

export class HeadWatch {
  readonly #options: HeadWatchOptions;
  readonly #listeners = new Map<string, Set<Listener>>();
  /** Only while somebody follows: one that stands by has no use for news of each commit. */
  #leave: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: HeadWatchOptions) {
    this.#options = options;
    this.#again();
  }

  /** Calls `listener` with where the journal of `shard` ends, at least at each look. Returns how to stop. */
  follow(shard: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(shard) ?? new Set();
    this.#listeners.set(shard, listeners.add(listener));
    this.#leave ??= this.#listen();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(shard) === listeners) this.#listeners.delete(shard);
      if (this.#listeners.size === 0) this.#hangUp();
    };
  }

  stop(): void {
    this.#isOver = true;
    this.#hangUp();
    clearTimeout(this.#timer);
  }

  #listen(): () => void {
    return this.#options.channels.subscribe(HEADS_CHANNEL, (message) => {
      const head = decodeHead(message);
      if (head !== undefined) this.#tell(head.shard, head.position);
    });
  }

  #hangUp(): void {
    this.#leave?.();
    this.#leave = undefined;
  }

  #again(): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => {
      this.#look().then(
        () => this.#again(),
        () => this.#again(), // PostgreSQL is away: whoever follows notices that by himself
      );
    }, this.#options.lookMs ?? LOOK_MS);
  }

  async #look(): Promise<void> {
    const shards = [...this.#listeners.keys()];
    if (shards.length === 0) return;
    const ask = 'select shard, head_position from shards where shard = any($1)';
    const { rows } = await this.#options.pool.query<{ shard: string; head_position: bigint }>(ask, [shards]);
    for (const { shard, head_position: position } of rows) this.#tell(shard, Number(position) as Position);
  }

  #tell(shard: string, position: Position): void {
    for (const listener of this.#listeners.get(shard) ?? []) listener(position);
  }
}
