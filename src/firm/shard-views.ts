/** How the shards look, read from the nearest place that knows: this process, Redis, SQL. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cache } from '../cache/cache.ts';
import type { Channels } from '../cache/channels.ts';
import type { Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Positions } from './firm.ts';
import type { FirmStore } from './firm-store.ts';
import { VIEWS_CHANNEL, viewKey } from './news.ts';
import type { Roster } from './roster.ts';
import { isNewer, type ShardView } from './shard-view.ts';
import { decodeView } from './view-codec.ts';

/** A view that nobody has confirmed for so long is not shown before SQL was asked, in milliseconds. */
const AGE_MAX_MS = 3_000;
/** How long a reader waits for a view that shows what they were answered, in milliseconds. */
const WAIT_MS = 4_000;
/** Between two looks meanwhile, in milliseconds. */
const LOOK_MS = 25;
/** A shard that has confirmed nothing for so long does not answer, in milliseconds. */
const SILENT_MS = 10_000;

export interface ShardViewsOptions {
  readonly roster: Pick<Roster, 'all'>;
  readonly cache: Cache;
  readonly channels: Channels;
  readonly store: Pick<FirmStore, 'view'>;
  /** The wall clock, in milliseconds. */
  readonly now?: () => number;
  readonly waitMs?: number;
}

export class ShardViews {
  readonly #options: ShardViewsOptions;
  readonly #now: () => number;
  /** The newest that came by. */
  readonly #known = new Map<string, ShardView>();
  /** One question to SQL for each shard, however many readers wait for it. */
  readonly #asked = new Map<string, Promise<void>>();
  readonly #leave: () => void;

  constructor(options: ShardViewsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => Date.now());
    this.#leave = options.channels.subscribe(VIEWS_CHANNEL, (message) =>
      this.#note(message.toString('utf8')),
    );
  }

  stop(): void {
    this.#leave();
  }

  /**
   * One view of each shard, none older than `atLeast`.
   * @throws Fault PROJECTION_BEHIND: not in time; DATABASE_UNAVAILABLE
   */
  read(atLeast: Positions): Promise<readonly ShardView[]> {
    return Promise.all(
      this.#options.roster.all.map((shard) => this.#one(shard, atLeast.get(shard) ?? (0 as Position))),
    );
  }

  /** Does every shard say that orders come through? @throws Fault NOT_READY: one is silent; DATABASE_UNAVAILABLE */
  async areOpen(): Promise<boolean> {
    const views = await this.read(new Map());
    for (const view of views) {
      const silentMs = this.#ageOf(view);
      if (silentMs <= SILENT_MS) continue;
      throw new Fault(
        'NOT_READY',
        `shard ${view.shard} has been silent for ${Math.round(silentMs / 1000)} s`,
      );
    }
    return views.every(({ isOpen }) => isOpen);
  }

  async #one(shard: string, need: Position): Promise<ShardView> {
    const untilMs = performance.now() + (this.#options.waitMs ?? WAIT_MS);
    for (;;) {
      const near = this.#fresh(shard, need);
      if (near !== undefined) return near;
      const text = await this.#options.cache.get(viewKey(shard));
      if (text !== undefined) this.#note(text);
      const shared = this.#fresh(shard, need);
      if (shared !== undefined) return shared;
      await this.#askStore(shard);
      // SQL has the last word: where the engine is gone, what it said last is what there is.
      const known = this.#known.get(shard);
      if (known !== undefined && known.position >= need) return known;
      if (performance.now() > untilMs) throw new Fault('PROJECTION_BEHIND', `shard ${shard}`);
      await sleep(LOOK_MS);
    }
  }

  #fresh(shard: string, need: Position): ShardView | undefined {
    const known = this.#known.get(shard);
    if (known === undefined || known.position < need) return undefined;
    return this.#ageOf(known) <= AGE_MAX_MS ? known : undefined;
  }

  #ageOf({ at }: ShardView): number {
    return this.#now() - at / 1000;
  }

  #note(text: string): void {
    const view = decodeView(text);
    if (view !== undefined) this.#learn(view);
  }

  /** Copies come in any order, and some are old: only what is newer is learnt. */
  #learn(view: ShardView): void {
    if (!this.#options.roster.all.includes(view.shard)) return;
    if (isNewer(view, this.#known.get(view.shard))) this.#known.set(view.shard, view);
  }

  async #askStore(shard: string): Promise<void> {
    const underWay = this.#asked.get(shard);
    if (underWay !== undefined) return await underWay;
    const asking = this.#options.store
      .view(shard)
      .then((view) => {
        if (view !== undefined) this.#learn(view);
      })
      .finally(() => this.#asked.delete(shard));
    this.#asked.set(shard, asking);
    await asking;
  }
}
