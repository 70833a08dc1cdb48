/** What is listed in the firm's shards, as nodes without an engine know it: steps of price and quantity to check with. */
import type { Channels } from '../cache/channels.ts';
import type { Instrument } from '../core/instruments/instrument.ts';
import type { Ticker } from '../core/values/names.ts';
import type { FirmStore } from './firm-store.ts';
import { LISTINGS_CHANNEL } from './news.ts';
import { Tempo } from './tempo.ts';

/** Looked at this often even if nobody tells, in milliseconds. */
const LOOK_MS = 5_000;
/** And never more often than this. */
const PACE_MS = 200;

export interface ListingsOptions {
  readonly shards: readonly string[];
  readonly channels: Channels;
  readonly store: Pick<FirmStore, 'listings'>;
  /** SQL did not answer; what is known stays. */
  readonly onTrouble?: (error: unknown) => void;
}

export class Listings {
  readonly #options: ListingsOptions;
  readonly #reading: Tempo;
  #known: ReadonlyMap<Ticker, Instrument> = new Map();
  #leave: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ListingsOptions) {
    this.#options = options;
    this.#reading = new Tempo(() => this.#read(), PACE_MS, 1);
  }

  async start(): Promise<void> {
    this.#leave = this.#options.channels.subscribe(LISTINGS_CHANNEL, () => this.#reading.ask());
    this.#timer = setInterval(() => this.#reading.ask(), LOOK_MS);
    await this.#reading.now();
  }

  async stop(): Promise<void> {
    this.#leave();
    clearInterval(this.#timer);
    await this.#reading.stop();
  }

  get(ticker: Ticker): Instrument | undefined {
    return this.#known.get(ticker);
  }

  get all(): readonly Instrument[] {
    return [...this.#known.values()];
  }

  async #read(): Promise<void> {
    const { store, shards, onTrouble } = this.#options;
    try {
      const listed = await store.listings(shards);
      this.#known = new Map(listed.map((instrument) => [instrument.ticker, instrument]));
    } catch (error) {
      onTrouble?.(error);
    }
  }
}
