/** A made-up market from one seed: every instrument of a universe is quoted anew at each interval. */
import { assert } from '../core/values/assert.ts';
import type { Micros } from '../core/values/names.ts';
import type { Feed, FeedProgress } from './feed.ts';
import type { Quote } from './quotes.ts';
import { Random } from './random.ts';
import type { Listing } from './universe.ts';
import { Walk } from './walk.ts';

export interface GeneratorOptions {
  readonly universe: readonly Listing[];
  /**
   * An integer from 0 to 2^53 - 1. The same seed, universe and interval give the same quotes but for their
   * time.
   */
  readonly seed: number;
  /** Milliseconds between two quotes of an instrument. */
  readonly intervalMs: number;
  /** UTC microseconds now. */
  readonly clock: () => Micros;
}

export class Generator implements Feed {
  readonly name = 'generator';
  /** Made-up quotes belong to the moment they are given. */
  readonly now = undefined;
  readonly #walks: readonly Walk[];
  readonly #intervalMs: number;
  readonly #clock: () => Micros;
  #state: 'new' | 'running' | 'paused' | 'stopped' = 'new';
  #timer: NodeJS.Timeout | undefined;
  #sink: (quote: Quote) => void = () => {};
  #finish: () => void = () => {};
  #quotes = 0;
  /** Index of the walk that is quoted next. */
  #upNext = 0;

  constructor(options: GeneratorOptions) {
    assert(options.intervalMs >= 1, 'an interval is at least 1 ms');
    const dice = Random.fromSeed(options.seed);
    // A stream each, so that no instrument's walk depends on how often another's dice were thrown.
    const seeds = options.universe.map(() => dice.word());
    this.#walks = options.universe.map(
      (listing, i) => new Walk(listing, options.intervalMs, Random.fromSeed(seeds[i] ?? 0)),
    );
    this.#intervalMs = options.intervalMs;
    this.#clock = options.clock;
  }

  get progress(): FeedProgress {
    return { quotes: this.#quotes, played: undefined };
  }

  start(sink: (quote: Quote) => void): Promise<void> {
    assert(this.#state === 'new' || this.#state === 'stopped', 'a feed starts once');
    if (this.#state === 'stopped') return Promise.resolve();
    this.#sink = sink;
    this.#state = 'running';
    // The first quotes at once: no order should wait for a market.
    this.#timer = setTimeout(() => this.#turn(), 0);
    return new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  pause(): void {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    clearTimeout(this.#timer);
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#timer = setTimeout(() => this.#turn(), this.#intervalMs);
  }

  stop(): void {
    this.#state = 'stopped';
    clearTimeout(this.#timer);
    this.#finish();
  }

  #turn(): void {
    this.#timer = setTimeout(() => this.#turn(), this.#intervalMs);
    for (; this.#upNext < this.#walks.length; this.#upNext += 1) {
      if (this.#state !== 'running') return; // paused or stopped by the sink: it goes on right where it was
      const walk = this.#walks[this.#upNext];
      if (walk === undefined) break;
      this.#quotes += 1;
      this.#sink(walk.next(this.#clock()));
    }
    this.#upNext = 0;
  }
}
