/** One level of the risk hierarchy: its limits, and what its orders and positions could come to at worst. */

import type { Side } from '../orders/order.ts';
import { assert } from '../values/assert.ts';
import { magnitudeOf, type Price, type Product, productOf, type Quantity } from '../values/fixed-point.ts';
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
}

/** The larger magnitude of the two extremes: what the instrument can add to gross exposure at worst. */
export function worstOf(upmost: bigint, downmost: bigint): bigint {
  const up = magnitudeOf(upmost);
  const down = magnitudeOf(downmost);
  return up > down ? up : down;
}

/** All amounts are undivided products (1e-16), so that sums round nothing. */
export class RiskGroup {
  limits: Limits = DEFAULT_LIMITS;
  readonly exposures = new Map<Ticker, Exposure>();
  /** Sum of `upmost`: net exposure if every buy is filled and no sell. */
  upmost = 0n;
  /** Sum of `downmost`: net exposure if every sell is filled and no buy. */
  downmost = 0n;
  /** Sum of each instrument's worst: gross exposure at worst. */
  worst = 0n;
  /** Value of this trading day's executions, at their prices. */
  executedVolume = 0n;
  /** Value of what is working, at each order's reserve price. */
  workingVolume = 0n;

  /** The instrument's part; begins flat at `mark`. */
  exposureOf(ticker: Ticker, mark: Price): Exposure {
    let exposure = this.exposures.get(ticker);
    if (exposure === undefined) {
      exposure = { ticker, mark, position: 0n, buying: 0n, selling: 0n, upmost: 0n, downmost: 0n };
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
    this.#revalueUp(exposure);
    this.#revalueDown(exposure);
  }

  /** Puts `position` signed units into a flat exposure, as a snapshot kept them. */
  hold(exposure: Exposure, position: bigint): void {
    exposure.position = position;
    this.#revalueUp(exposure);
    this.#revalueDown(exposure);
  }

  /** Sets the worst case of an accepted order aside. */
  reserve(exposure: Exposure, side: Side, leaves: Quantity, reservePrice: Price): void {
    this.#work(exposure, side, leaves);
    this.workingVolume += productOf(reservePrice, leaves);
  }

  /** Gives back what a finished order no longer needs. */
  release(exposure: Exposure, side: Side, leaves: Quantity, reservePrice: Price): void {
    this.#work(exposure, side, -leaves);
    this.workingVolume -= productOf(reservePrice, leaves);
  }

  /** Turns reserved into used. The filled side's extreme stays as it is; the other side's moves toward it. */
  fill(exposure: Exposure, side: Side, filled: Quantity, price: Price, reservePrice: Price): void {
    this.workingVolume -= productOf(reservePrice, filled);
    this.executedVolume += productOf(price < 0n ? (-price as Price) : price, filled);
    if (side === 'BUY') {
      exposure.buying -= filled;
      exposure.position += filled;
      this.#revalueDown(exposure);
    } else {
      exposure.selling -= filled;
      exposure.position -= filled;
      this.#revalueUp(exposure);
    }
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

  #work(exposure: Exposure, side: Side, units: bigint): void {
    if (side === 'BUY') {
      exposure.buying += units;
      assert(exposure.buying >= 0n, 'no more is released than was reserved');
      this.#revalueUp(exposure);
    } else {
      exposure.selling += units;
      assert(exposure.selling >= 0n, 'no more is released than was reserved');
      this.#revalueDown(exposure);
    }
  }

  #revalueUp(exposure: Exposure): void {
    const upmost = (exposure.position + exposure.buying) * exposure.mark;
    this.#setExtremes(exposure, upmost, exposure.downmost);
  }

  #revalueDown(exposure: Exposure): void {
    const downmost = (exposure.position - exposure.selling) * exposure.mark;
    this.#setExtremes(exposure, exposure.upmost, downmost);
  }

  #setExtremes(exposure: Exposure, upmost: bigint, downmost: bigint): void {
    this.worst += worstOf(upmost, downmost) - worstOf(exposure.upmost, exposure.downmost);
    this.upmost += upmost - exposure.upmost;
    this.downmost += downmost - exposure.downmost;
    exposure.upmost = upmost;
    exposure.downmost = downmost;
  }
}
