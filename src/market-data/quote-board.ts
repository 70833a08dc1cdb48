/** The newest quote of every instrument, for whoever prices an order: fed by one feed or many. */
import type { SampledQuote } from '../core/commands.ts';
import { assert } from '../core/values/assert.ts';
import { divideHalfEven, type Price } from '../core/values/fixed-point.ts';
import type { Micros, Ticker } from '../core/values/names.ts';
import type { Quote, Quotes } from './quotes.ts';

export interface QuoteBoardOptions {
  /** A quote older than this prices no market order. Milliseconds. */
  readonly stalenessMs: number;
  /** UTC microseconds now: the same clock that the feeds stamp their quotes with. */
  readonly clock: () => Micros;
}

/** Halfway between bid and ask, rounded half to even at 1e-8. */
export const midpointOf = (quote: Quote): Price => divideHalfEven(quote.bid + quote.ask, 2n) as Price;

/**
 * Someone buys dearer than someone else sells: a broken feed, or two instants mixed. Locked (equal) is a
 * market.
 */
const isCrossed = (quote: Quote): boolean => quote.bid > quote.ask;
const isEmpty = (quote: Quote): boolean => quote.bidSize <= 0n || quote.askSize <= 0n;

export class QuoteBoard implements Quotes {
  readonly #latest = new Map<Ticker, Quote>();
  readonly #listeners = new Set<(quote: Quote) => void>();
  readonly #staleness: number; // microseconds
  readonly #clock: () => Micros;
  #taken = 0;
  #dropped = 0;

  constructor(options: QuoteBoardOptions) {
    assert(options.stalenessMs > 0, 'a staleness limit is positive');
    this.#staleness = options.stalenessMs * 1000;
    this.#clock = options.clock;
  }

  /** Quotes put up so far. */
  get taken(): number {
    return this.#taken;
  }
  /** Quotes dropped so far because they were crossed or had no size. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Puts `quote` up and tells the listeners. A crossed quote, or one without size, is counted and dropped:
   * false.
   */
  publish(quote: Quote): boolean {
    if (isCrossed(quote) || isEmpty(quote)) {
      this.#dropped += 1;
      return false;
    }
    this.#taken += 1;
    this.#latest.set(quote.ticker, quote);
    for (const listener of this.#listeners) listener(quote);
    return true;
  }

  latest(ticker: Ticker): Quote | undefined {
    return this.#latest.get(ticker);
  }

  /** Microseconds since the newest quote of `ticker` was received; undefined where none ever was. */
  ageOf(ticker: Ticker): number | undefined {
    const quote = this.#latest.get(ticker);
    return quote === undefined ? undefined : this.#clock() - quote.at;
  }

  sample(ticker: Ticker): SampledQuote | undefined {
    const quote = this.#latest.get(ticker);
    if (quote === undefined) return undefined;
    return { mark: midpointOf(quote), isFresh: this.#clock() - quote.at <= this.#staleness };
  }

  subscribe(listener: (quote: Quote) => void): () => void {
    // Wrapped, so that one function may subscribe twice and leave once.
    const entry = (quote: Quote): void => listener(quote);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }
}
