/** Shows the rest of the firm how an engine's shard stands: drawn after commits, into Redis at once, into SQL now and then. */
import type { Cache } from '../cache/cache.ts';
import type { Channels } from '../cache/channels.ts';
import type { Instrument } from '../core/instruments/instrument.ts';
import type { CommittedBatch } from '../journal/entry.ts';
import type { Clock } from '../sequencer/clock.ts';
import type { Engine } from '../sequencer/engine.ts';
import type { FirmStore } from './firm-store.ts';
import { encodeHead, HEADS_CHANNEL, LISTINGS_CHANNEL, VIEWS_CHANNEL, viewKey } from './news.ts';
import { drawingOf, type ShardView } from './shard-view.ts';
import { Tempo } from './tempo.ts';
import { encodeView } from './view-codec.ts';

/** From one drawing to the next, in milliseconds. */
const DRAW_MS = 100;
/** And at least so many times as long as the drawing took: a large book is not drawn all day. */
const DRAW_RATIO = 10;
/** While nothing happens, the last view is said to be still true this often, in milliseconds. */
const HEARTBEAT_MS = 1_000;
/** From one copy in SQL to the next, in milliseconds. */
const KEEP_MS = 1_000;
/** While nothing happens there. */
const KEEP_IDLE_MS = 5_000;
/** Between two words on where the journal ends, in milliseconds. */
const HEAD_MS = 10;
/** How long Redis may show what nobody confirms any more. */
const VIEW_TTL_MS = 60_000;

export interface ViewWriterOptions {
  readonly shard: string;
  readonly engine: Engine;
  /** The engine's own, as it claimed the shard last. */
  readonly epoch: () => number;
  readonly clock: Clock;
  readonly cache: Cache;
  readonly channels: Channels;
  readonly store: Pick<FirmStore, 'keep' | 'list'>;
  /** SQL did not take a copy; it is tried again. */
  readonly onTrouble?: (error: unknown) => void;
}

export class ViewWriter {
  readonly #options: ViewWriterOptions;
  readonly #drawing: Tempo;
  readonly #telling: Tempo;
  #leave: () => void = () => {};
  #heartbeat: NodeJS.Timeout | undefined;
  #last: ShardView | undefined;
  #keeping: Promise<void> | undefined;
  /** What SQL holds, and since when on the monotonic clock. */
  #kept: ShardView | undefined;
  #keptAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ViewWriterOptions) {
    this.#options = options;
    this.#drawing = new Tempo(() => this.#draw(), DRAW_MS, DRAW_RATIO);
    this.#telling = new Tempo(async () => this.#tellHead(), HEAD_MS, 0);
  }

  /** Once the engine runs. Resolves when the first view is drawn. */
  async start(): Promise<void> {
    const { engine } = this.#options;
    this.#leave = engine.subscribe((batch) => this.#hear(batch));
    this.#heartbeat = setInterval(() => this.#confirm(), HEARTBEAT_MS);
    this.#list(await engine.read(({ instruments }) => [...instruments.values()]));
    await this.#drawing.now();
    this.#telling.ask();
  }

  /** Nothing is drawn any more once this resolves. */
  async stop(): Promise<void> {
    this.#leave();
    clearInterval(this.#heartbeat);
    await Promise.all([this.#drawing.stop(), this.#telling.stop()]);
    await this.#keeping;
  }

  #hear({ entries }: CommittedBatch): void {
    this.#drawing.ask();
    this.#telling.ask();
    const listed: Instrument[] = [];
    for (const { events } of entries) {
      for (const event of events) if (event.type === 'InstrumentListed') listed.push(event.instrument);
    }
    if (listed.length > 0) this.#list(listed);
  }

  /** Rejects never: an engine that is stopping or recovering is drawn when it runs again. */
  async #draw(): Promise<void> {
    const { shard, engine, epoch, clock } = this.#options;
    if (engine.status !== 'running') return;
    // Before the question: by the time it is answered more may be in, never less.
    const position = engine.position;
    const at = clock.now();
    const drawn = await engine.read(drawingOf).catch(() => undefined);
    if (drawn === undefined) return;
    this.#show({ shard, epoch: epoch(), position, at, ...drawn });
    if (engine.position > position) this.#drawing.ask();
  }

  /** The last view is the newest still: says so, and draws again where it is not. */
  #confirm(): void {
    const { engine, epoch, clock } = this.#options;
    const last = this.#last;
    if (engine.status !== 'running') return;
    if (last === undefined || last.position !== engine.position || last.epoch !== epoch())
      this.#drawing.ask();
    else this.#show({ ...last, at: clock.now() });
  }

  #show(view: ShardView): void {
    const { cache, channels, shard } = this.#options;
    const text = encodeView(view);
    this.#last = view;
    void cache.set(viewKey(shard), text, VIEW_TTL_MS);
    channels.publish(VIEWS_CHANNEL, Buffer.from(text));
    this.#keepNowAndThen(view);
  }

  #keepNowAndThen(view: ShardView): void {
    const isChanged = view.position !== this.#kept?.position || view.epoch !== this.#kept.epoch;
    const dueMs = this.#keptAtMs + (isChanged ? KEEP_MS : KEEP_IDLE_MS);
    if (this.#keeping !== undefined || performance.now() < dueMs) return;
    this.#keeping = this.#keep(view).finally(() => {
      this.#keeping = undefined;
    });
  }

  async #keep(view: ShardView): Promise<void> {
    const { store, onTrouble } = this.#options;
    this.#keptAtMs = performance.now();
    try {
      await store.keep(view, !hasSameFigures(view, this.#kept));
      this.#kept = view;
    } catch (error) {
      onTrouble?.(error);
    }
  }

  #tellHead(): void {
    const { shard, engine, channels } = this.#options;
    channels.publish(HEADS_CHANNEL, encodeHead({ shard, position: engine.position }));
  }

  /** Steps of price and quantity help a door to refuse early; that they come late or never harms nobody. */
  #list(instruments: readonly Instrument[]): void {
    const { store, shard, channels, onTrouble } = this.#options;
    store.list(shard, instruments).then(
      () => channels.publish(LISTINGS_CHANNEL, Buffer.from(shard)),
      (error: unknown) => onTrouble?.(error),
    );
  }
}

function hasSameFigures(one: ShardView, other: ShardView | undefined): boolean {
  if (other === undefined) return false;
  const names = Object.keys(one.metrics) as (keyof ShardView['metrics'])[];
  return names.every((name) => one.metrics[name] === other.metrics[name]);
}
