/** One level of the risk hierarchy: its limits, and what its orders and positions could come to at worst. */
import type { Slot } from '../instruments/instrument.ts';
import type { Side } from '../orders/order.ts';
import { assert } from '../values/assert.ts';
import {
  magnitudeOf,
  type Notional,
  type Price,
  type Product,
  type Quantity,
  SCALE,
} from '../values/fixed-point.ts';
import type { Ticker } from '../values/names.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';

/** One instrument's part, copied out for reading. */
export interface Exposure {
  readonly ticker: Ticker;
  /** What everything below is valued at. */
  readonly mark: Price;
  /** Signed units held. */
  readonly position: bigint;
  /** Units that working buys may still add. */
  readonly buying: Quantity;
  /** Units that working sells may still take away. */
  readonly selling: Quantity;
}

// One row of the table holds an instrument, four signed 64-bit words in one cache line.
const MARK = 0;
const POSITION = 1;
const BUYING = 2;
const SELLING = 3;
const WORDS = 4;
const SLOTS_FIRST = 64;
/** Both ends of every instrument stay within this many units (in 1e-8): no sum of two can leave 64 bits. */
export const UNITS_MAX = 2n ** 62n;

/**
 * What the instrument adds to gross exposure at worst, in units: the farther of its two ends. `longest` (every
 * buy filled, no sell) is never below `shortest` (every sell filled, no buy).
 */
export const worstOf = (longest: bigint, shortest: bigint): bigint =>
  BigInt.asIntN(64, longest + shortest) >= 0n ? longest : BigInt.asIntN(64, -shortest);

/**
 * Working buys and sells stay apart: at worst only one of the two sides is filled. An instrument is valued at one
 * mark, so a fill turns reserved into used and changes no worst case. Amounts are undivided products (1e-16):
 * their sums round nothing. Units are kept in a flat table, since a hundred thousand of them written each second
 * would keep a garbage collector busy as objects.
 */
export class RiskGroup {
  #limits: Limits = DEFAULT_LIMITS;
  #ceilings: Limits = undivided(DEFAULT_LIMITS);
  /** By slot. */
  readonly #tickers: Ticker[] = [];
  #table = new BigInt64Array(SLOTS_FIRST * WORDS);
  /** Net exposure if every buy is filled and no sell. */
  upmost = 0n;
  /** Net exposure if every sell is filled and no buy. */
  downmost = 0n;
  /** Gross exposure, each instrument at its worse end. */
  worst = 0n;
  /** Value of this trading day's executions at their prices, and of what is working at its reserve prices. */
  volume = 0n;

  get limits(): Limits {
    return this.#limits;
  }
  set limits(limits: Limits) {
    this.#limits = limits;
    this.#ceilings = undivided(limits);
  }
  /** The limits in 1e-16, as they are compared with. */
  get ceilings(): Limits {
    return this.#ceilings;
  }

  /** Gives a newly listed instrument its place: flat, and without a mark. */
  list(ticker: Ticker): Slot {
    const slot = this.#tickers.push(ticker) - 1;
    if ((slot + 1) * WORDS > this.#table.length) {
      const table = new BigInt64Array(2 * this.#table.length);
      table.set(this.#table);
      this.#table = table;
    }
    return slot;
  }

  /** What the instrument is valued at; 0 as long as no order was accepted in it. */
  markAt(slot: Slot): Price {
    return this.#table[slot * WORDS + MARK] as Price;
  }
  /** Units held if every buy is filled and no sell. */
  longestAt(slot: Slot): bigint {
    return BigInt.asIntN(64, this.#at(slot, POSITION) + this.#at(slot, BUYING));
  }
  /** Units held if every sell is filled and no buy. */
  shortestAt(slot: Slot): bigint {
    return BigInt.asIntN(64, this.#at(slot, POSITION) - this.#at(slot, SELLING));
  }

  /** Every instrument that ever had an order accepted, in the order they were listed. */
  *exposures(): Generator<Exposure> {
    for (const [slot, ticker] of this.#tickers.entries()) {
      if (this.markAt(slot) !== 0n) yield this.#exposureAt(ticker, slot);
    }
  }

  /** Values the instrument at `mark` from here on. */
  remark(slot: Slot, mark: Price): void {
    const before = this.markAt(slot);
    if (before === mark) return;
    this.#table[slot * WORDS + MARK] = mark;
    const longest = this.longestAt(slot);
    const shortest = this.shortestAt(slot);
    const move = mark - before;
    this.upmost += move * longest;
    this.downmost += move * shortest;
    this.worst += move * worstOf(longest, shortest);
  }

  /** Puts `position` signed units into a flat place, as a snapshot kept them. */
  hold(slot: Slot, position: bigint): void {
    const value = this.markAt(slot) * position;
    this.#table[slot * WORDS + POSITION] = position;
    this.upmost += value;
    this.downmost += value;
    this.worst += magnitudeOf(value);
  }

  /** Sets the worst case of an accepted order aside. */
  reserve(slot: Slot, side: Side, leaves: Quantity, reservePrice: Price): void {
    const reserved = reservePrice * leaves;
    this.volume += reserved;
    this.#work(slot, side, leaves, this.#valueOf(slot, leaves, reservePrice, reserved));
  }

  /** Gives back what a finished order no longer needs. */
  release(slot: Slot, side: Side, leaves: Quantity, reservePrice: Price): void {
    const reserved = reservePrice * leaves;
    this.volume -= reserved;
    this.#work(slot, side, -leaves, -this.#valueOf(slot, leaves, reservePrice, reserved));
  }

  /**
   * Turns reserved into used, for which `paid` was paid in all: the filled side's end stays where it is, the
   * other side's moves toward it.
   */
  fill(slot: Slot, side: Side, filled: Quantity, paid: Product, reservePrice: Price): void {
    const reserved = reservePrice * filled;
    if (paid !== reserved) this.volume += paid - reserved;
    const value = this.#valueOf(slot, filled, reservePrice, reserved);
    const before = this.#worstAt(slot);
    if (side === 'BUY') {
      this.#add(slot, BUYING, -filled);
      this.#add(slot, POSITION, filled);
      this.downmost += value;
    } else {
      this.#add(slot, SELLING, -filled);
      this.#add(slot, POSITION, -filled);
      this.upmost -= value;
    }
    this.#reworst(slot, before, -filled, -value);
  }

  /** What is held now, working orders left out: net (signed) and gross. Walks every instrument. */
  used(): { net: Product; gross: Product } {
    let net = 0n;
    let gross = 0n;
    for (const { position, mark } of this.exposures()) {
      const value = position * mark;
      net += value;
      gross += magnitudeOf(value);
    }
    return { net: net as Product, gross: gross as Product };
  }

  #work(slot: Slot, side: Side, units: bigint, value: bigint): void {
    const before = this.#worstAt(slot);
    if (side === 'BUY') {
      this.#add(slot, BUYING, units);
      this.upmost += value;
    } else {
      this.#add(slot, SELLING, units);
      this.downmost -= value;
    }
    this.#reworst(slot, before, units, value);
  }

  #worstAt(slot: Slot): bigint {
    return worstOf(this.longestAt(slot), this.shortestAt(slot));
  }

  /** What `units` are worth at the mark, which mostly is their reserve price: then it is `reserved` again. */
  #valueOf(slot: Slot, units: bigint, reservePrice: Price, reserved: bigint): bigint {
    const mark = this.markAt(slot);
    return mark === reservePrice ? reserved : mark * units;
  }

  /** The worse end was `before` and may have moved, mostly by all of `units`, which are worth `value`. */
  #reworst(slot: Slot, before: bigint, units: bigint, value: bigint): void {
    const moved = BigInt.asIntN(64, this.#worstAt(slot) - before);
    if (moved === 0n) return;
    this.worst += moved === units ? value : this.markAt(slot) * moved;
  }

  #add(slot: Slot, word: number, units: bigint): void {
    const sum = this.#at(slot, word) + units;
    assert(word === POSITION || sum >= 0n, 'no more is released or filled than was reserved');
    this.#table[slot * WORDS + word] = sum;
  }

  #at(slot: Slot, word: number): bigint {
    return this.#table[slot * WORDS + word] as bigint;
  }

  #exposureAt(ticker: Ticker, slot: Slot): Exposure {
    return {
      ticker,
      mark: this.markAt(slot),
      position: this.#at(slot, POSITION),
      buying: this.#at(slot, BUYING) as Quantity,
      selling: this.#at(slot, SELLING) as Quantity,
    };
  }
}

const undivided = (limits: Limits): Limits => ({
  positionMax: (limits.positionMax * SCALE) as Notional,
  dailyVolumeMax: (limits.dailyVolumeMax * SCALE) as Notional,
  netExposureMax: (limits.netExposureMax * SCALE) as Notional,
  grossExposureMax: (limits.grossExposureMax * SCALE) as Notional,
});
