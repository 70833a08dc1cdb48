/**
 * One side's orders in one instrument at the simulated venue, against what the market shows opposite them.
 */
import type { Side } from '../core/orders/order.ts';
import type { Price, Quantity } from '../core/values/fixed-point.ts';
import { PriceLevels, type Working } from './price-levels.ts';

/** A trade with the market. The quantity is above zero. */
export interface Fill {
  readonly working: Working;
  readonly quantity: Quantity;
  readonly price: Price;
}

const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export class SimulatedSide {
  readonly #side: Side;
  readonly #resting = new PriceLevels();
  /** The opposite side's price: the ask for buys, the bid for sells. Undefined until the first quote. */
  #shown: Price | undefined;
  /** What of the shown size nobody took yet. */
  #left = 0n;

  constructor(side: Side) {
    this.#side = side;
  }

  /**
   * A new quote: its size is there to be taken, by those who rest first. Best price first, then oldest first.
   */
  show(shown: Price, size: Quantity): Fill[] {
    this.#shown = shown;
    this.#left = size;
    const fills: Fill[] = [];
    for (let working = this.#resting.best; working !== undefined; working = this.#resting.best) {
      // A limit order that waited was there first: the market came to its price. A market order takes what is
      // shown.
      const price = working.order.type === 'LIMIT' ? working.order.boundPrice : shown;
      const fill = this.#take(working, price);
      if (fill === undefined) break;
      fills.push(fill);
      if (working.leaves > 0n) break; // the size shown is used up
      this.#resting.remove(working);
    }
    return fills;
  }

  /**
   * An order arrives: trades at the price shown with what is left of its size, if its bound allows, and rests
   * with the rest.
   */
  arrive(working: Working): Fill | undefined {
    const fill = this.#shown === undefined ? undefined : this.#take(working, this.#shown);
    if (working.leaves > 0n) this.#resting.add(this.#rank(working.order.boundPrice), working);
    return fill;
  }

  cancel(working: Working): void {
    this.#resting.remove(working);
  }

  /** Undefined where the bound is not reached or nothing is left. */
  #take(working: Working, price: Price): Fill | undefined {
    const isReached =
      this.#shown !== undefined && this.#rank(working.order.boundPrice) >= this.#rank(this.#shown);
    if (!isReached || this.#left === 0n) return undefined;
    const quantity = lesser(working.leaves, this.#left);
    working.leaves -= quantity;
    this.#left -= quantity;
    return { working, quantity: quantity as Quantity, price };
  }

  /** Higher is better for the market to meet. */
  #rank(price: Price): bigint {
    return this.#side === 'BUY' ? price : 0n - price;
  }
}
