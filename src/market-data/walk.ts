/** One instrument's made-up market: a random walk of whole ticks, with a spread and sizes that breathe. */
import { assert } from '../core/values/assert.ts';
import type { Price, Quantity } from '../core/values/fixed-point.ts';
import type { Micros } from '../core/values/names.ts';
import type { Quote } from './quotes.ts';
import type { Random } from './random.ts';
import type { Listing } from './universe.ts';

/** 252 days of six and a half hours: what an annual volatility is spread over. */
const SECONDS_PER_YEAR = 252 * 6.5 * 3600;

export class Walk {
  readonly #listing: Listing;
  readonly #random: Random;
  /** Standard deviation of one step, in ticks. A double: it scales the dice and touches no price. */
  readonly #shock: number;
  /** The walk turns back here, at a tenth of the start: prices stay positive. */
  readonly #floor: number;
  readonly #sizeLots: number;
  /** The middle of the market, a whole number of ticks. */
  #middle: number;
  /**
   * The part of past shocks, below half a tick, that has moved nothing yet: without it small steps would all
   * round to none.
   */
  #unspent = 0;

  /** `stepMs`: market time between two quotes, in milliseconds. */
  constructor(listing: Listing, stepMs: number, random: Random) {
    const { instrument, startPrice, size, volatility, spreadTicks } = listing;
    this.#listing = listing;
    this.#random = random;
    this.#middle = Number(startPrice / instrument.tickSize);
    this.#floor = Math.floor(this.#middle / 10);
    this.#shock = this.#middle * volatility * Math.sqrt(stepMs / 1000 / SECONDS_PER_YEAR);
    this.#sizeLots = Number(size / instrument.lotSize);
    assert(
      Number.isSafeInteger(this.#middle) && this.#floor > spreadTicks,
      'a walk needs room for its spread',
    );
  }

  /** The next quote, received `at`. */
  next(at: Micros): Quote {
    this.#move();
    const { instrument, spreadTicks } = this.#listing;
    const spread = 1 + this.#random.below(2 * spreadTicks);
    const bidTicks = this.#middle - Math.floor(spread / 2);
    return {
      ticker: instrument.ticker,
      bid: (BigInt(bidTicks) * instrument.tickSize) as Price,
      ask: (BigInt(bidTicks + spread) * instrument.tickSize) as Price,
      bidSize: this.#size(),
      askSize: this.#size(),
      at,
    };
  }

  #move(): void {
    const shock = this.#unspent + this.#random.normal() * this.#shock;
    const ticks = Math.round(shock);
    this.#unspent = shock - ticks;
    const middle = this.#middle + ticks;
    this.#middle = middle < this.#floor ? 2 * this.#floor - middle : middle;
  }

  /** From one lot to twice the usual size. */
  #size(): Quantity {
    const lots = 1 + this.#random.below(2 * this.#sizeLots);
    return (BigInt(lots) * this.#listing.instrument.lotSize) as Quantity;
  }
}
