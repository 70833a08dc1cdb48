/** The orders that work, by id: a table made for a million of them, of which any may be asked for at any time. */
import { assert } from '../values/assert.ts';
import { digest32 } from '../values/digest.ts';
import type { OrderId } from '../values/names.ts';
import type { WorkingOrder } from './order.ts';

const SEED = 0x27d4eb2f;
const CAPACITY_FIRST = 1024; // a power of two
/** Of every 100 places in the index, at most this many are taken. */
const LOAD_MAX_PERCENT = 60;
/** A place in the index is two words: the id's digest, and the handle plus one; 0 is free. */
const WORDS = 2;

/**
 * A Map of a million strings costs a cache miss for each key that it passes on its way, and stands still when it
 * grows. Here an index of 8 bytes an order, which stays near the processor, is probed by digest, and only the order
 * that is meant is looked at. Orders lie at handles, which are given out again: the order of `values` says nothing,
 * and whatever must not depend on it asks for `byId`.
 */
export class WorkingOrders {
  #index = new Uint32Array(CAPACITY_FIRST * WORDS);
  readonly #orders: (WorkingOrder | undefined)[] = [];
  readonly #freeHandles: number[] = [];
  #size = 0;
  #id = '' as OrderId;
  #digest = 0;

  get size(): number {
    return this.#size;
  }

  get(id: OrderId): WorkingOrder | undefined {
    const handle = (this.#index[this.#placeOf(id) + 1] as number) - 1;
    return handle < 0 ? undefined : this.#orders[handle];
  }

  has(id: OrderId): boolean {
    return this.get(id) !== undefined;
  }

  /** @throws InvariantBroken when an order of that id works already */
  add(working: WorkingOrder): void {
    const { orderId } = working.order;
    if (100 * (this.#size + 1) > (LOAD_MAX_PERCENT * this.#index.length) / WORDS) this.#grow();
    const place = this.#placeOf(orderId);
    assert(this.#index[place + 1] === 0, `order ${orderId} is new`);
    const handle = this.#freeHandles.pop() ?? this.#orders.length;
    this.#orders[handle] = working;
    this.#index[place] = this.#digest;
    this.#index[place + 1] = handle + 1;
    this.#size++;
  }

  /** @throws InvariantBroken when no order of that id works */
  delete(id: OrderId): void {
    const place = this.#placeOf(id);
    const handle = (this.#index[place + 1] as number) - 1;
    assert(handle >= 0, `order ${id} works`);
    this.#orders[handle] = undefined;
    this.#freeHandles.push(handle);
    this.#size--;
    this.#close(place);
  }

  *values(): Generator<WorkingOrder> {
    for (const working of this.#orders) if (working !== undefined) yield working;
  }

  *keys(): Generator<OrderId> {
    for (const { order } of this.values()) yield order.orderId;
  }

  /** In the order of their ids, which is the order they came in. A million take about a second. */
  byId(): WorkingOrder[] {
    return [...this.values()].sort((a, b) => (a.order.orderId < b.order.orderId ? -1 : 1));
  }

  /** Where the id stands in the index, or the free place where it would. Linear probing. */
  #placeOf(id: OrderId): number {
    if (id !== this.#id) {
      this.#id = id; // asked for again and again while one command is worked on
      this.#digest = digest32(id, SEED);
    }
    const mask = this.#index.length - 1;
    let place = (this.#digest * WORDS) & mask;
    for (;;) {
      const handle = (this.#index[place + 1] as number) - 1;
      if (handle < 0) return place;
      if (this.#index[place] === this.#digest && this.#orders[handle]?.order.orderId === id) return place;
      place = (place + WORDS) & mask;
    }
  }

  /** Frees a place: what probing would no longer find behind the gap moves into it. */
  #close(freed: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let gap = freed;
    for (let place = (gap + WORDS) & mask; index[place + 1] !== 0; place = (place + WORDS) & mask) {
      const home = ((index[place] as number) * WORDS) & mask;
      const isReachable = ((place - home) & mask) < ((place - gap) & mask);
      if (isReachable) continue;
      index[gap] = index[place] as number;
      index[gap + 1] = index[place + 1] as number;
      gap = place;
    }
    index[gap] = 0;
    index[gap + 1] = 0;
  }

  #grow(): void {
    const old = this.#index;
    const index = new Uint32Array(2 * old.length);
    const mask = index.length - 1;
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + 1] === 0) continue;
      let place = ((old[from] as number) * WORDS) & mask;
      while (index[place + 1] !== 0) place = (place + WORDS) & mask;
      index[place] = old[from] as number;
      index[place + 1] = old[from + 1] as number;
    }
    this.#index = index;
  }
}
