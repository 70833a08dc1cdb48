/** One level of the risk hierarchy: its limits, and what its orders and positions could come to at worst. */

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

/**
 * One instrument's part. Working buys and sells stay apart: at worst only one of the two sides is filled.
 * Everything is valued at one mark, so a fill turns reserved into used and changes no worst case.
 */
export interface Exposure {
  readonly ticker: Ticker;
  mark: Price;
  /** Signed units held. */
  position: bigint;
  /** Units that working buys may still add. */
  buying: bigint;
  /** Units that working sells may still take away. */
  selling: bigint;
  /** (position + buying) * mark: what is held if every buy is filled and no sell. */
  upmost: bigint;
  /** (position - selling) * mark: what is held if every sell is filled and no buy. */
  downmost: bigint;
  /** The larger magnitude of the two. */
  worst: bigint;
}

/**
 * The larger magnitude of the two extremes: what the instrument can add to gross exposure at worst. `upmost` is
 * never below `downmost`, so one of the two outer ends is it.
 */
export function worstOf(upmost: bigint, downmost: bigint): bigint {
  return upmost + downmost >= 0n ? upmost : -downmost;
}

/** All amounts are undivided products (1e-16), so that sums round nothing. */
export class RiskGroup {
  #limits: Limits = DEFAULT_LIMITS;
  #ceilings: Limits = undivided(DEFAULT_LIMITS);
  readonly exposures = new Map<Ticker, Exposure>();
  /** Sum of `upmost`: net exposure if every buy is filled and no sell. */
  upmost = 0n;
  /** Sum of `downmost`: net exposure if every sell is filled and no buy. */
  downmost = 0n;
  /** Sum of each instrument's worst: gross exposure at worst. */
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

  /** The instrument's part; begins flat at `mark`. */
  exposureOf(ticker: Ticker, mark: Price): Exposure {
    let exposure = this.exposures.get(ticker);
    if (exposure === undefined) {
      exposure = { ticker, mark, position: 0n, buying: 0n, selling: 0n, upmost: 0n, downmost: 0n, worst: 0n };
      this.exposures.set(ticker, exposure);
    }
    return exposure;
  }

  /** The part of an instrument that has one. @throws InvariantBroken when nothing ever worked in it */
  existing(ticker: Ticker): Exposure {
    const exposure = this.exposures.get(ticker);
    assert(exposure !== undefined, `${ticker} has an exposure`);
    return exposure;
  }

  /** Values the instrument at `mark` from here on. */
  remark(exposure: Exposure, mark: Price): void {
    if (exposure.mark === mark) return;
    exposure.mark = mark;
    const { position, buying, selling } = exposure;
    this.#raise(exposure, (position + buying) * mark - exposure.upmost);
    this.#lower(exposure, exposure.downmost - (position - selling) * mark);
  }

  /** Puts `position` signed units into a flat exposure, as a snapshot kept them. */
  hold(exposure: Exposure, position: bigint): void {
    const value = position * exposure.mark;
    exposure.position = position;
    this.#raise(exposure, value);
    this.#lower(exposure, -value);
  }

  /** Sets the worst case of an accepted order aside. */
  reserve(exposure: Exposure, side: Side, leaves: Quantity, reservePrice: Price): void {
    const value = exposure.mark * leaves;
    this.volume += exposure.mark === reservePrice ? value : reservePrice * leaves;
    if (side === 'BUY') {
      exposure.buying += leaves;
      this.#raise(exposure, value);
    } else {
      exposure.selling += leaves;
      this.#lower(exposure, value);
    }
  }

  /** Gives back what a finished order no longer needs. */
  release(exposure: Exposure, side: Side, leaves: Quantity, reservePrice: Price): void {
    this.reserve(exposure, side, -leaves as Quantity, reservePrice);
    assert(exposure.buying >= 0n && exposure.selling >= 0n, 'no more is released than was reserved');
  }

  /**
   * Turns reserved into used, for which `paid` was paid in all: the filled side's extreme stays as it is, the
   * other side's moves toward it.
   */
  fill(exposure: Exposure, side: Side, filled: Quantity, paid: Product, reservePrice: Price): void {
    const reserved = reservePrice * filled;
    if (paid !== reserved) this.volume += paid - reserved;
    const value = exposure.mark === reservePrice ? reserved : exposure.mark * filled;
    if (side === 'BUY') {
      exposure.buying -= filled;
      exposure.position += filled;
      this.#lower(exposure, -value);
    } else {
      exposure.selling -= filled;
      exposure.position -= filled;
      this.#raise(exposure, -value);
    }
    assert(exposure.buying >= 0n && exposure.selling >= 0n, 'no more is filled than was reserved');
  }

  /** What is held now, working orders left out: net (signed) and gross, in 1e-16. Walks every instrument. */
  used(): { net: Product; gross: Product } {
    let net = 0n;
    let gross = 0n;
    for (const { position, mark } of this.exposures.values()) {
      const value = position * mark;
      net += value;
      gross += magnitudeOf(value);
    }
    return { net: net as Product, gross: gross as Product };
  }

  #raise(exposure: Exposure, by: bigint): void {
    exposure.upmost += by;
    this.upmost += by;
    this.#reworst(exposure);
  }

  #lower(exposure: Exposure, by: bigint): void {
    exposure.downmost -= by;
    this.downmost -= by;
    this.#reworst(exposure);
  }

  #reworst(exposure: Exposure): void {
    const worst = worstOf(exposure.upmost, exposure.downmost);
    this.worst += worst - exposure.worst;
    exposure.worst = worst;
  }
}

const undivided = (limits: Limits): Limits => ({
  positionMax: (limits.positionMax * SCALE) as Notional,
  dailyVolumeMax: (limits.dailyVolumeMax * SCALE) as Notional,
  netExposureMax: (limits.netExposureMax * SCALE) as Notional,
  grossExposureMax: (limits.grossExposureMax * SCALE) as Notional,
});
