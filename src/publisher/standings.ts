/** What the publisher knows beside the fact it is telling: which orders work, how far they came, and what is held. */
import type { Event, OrderFilled } from '../core/events.ts';
import type { Order, Side } from '../core/orders/order.ts';
import { FLAT, type Holding, type Settlement, settle } from '../core/positions/holding.ts';
import { assert } from '../core/values/assert.ts';
import { type Product, productOf, type Quantity } from '../core/values/fixed-point.ts';
import type { AccountId, CorrelationId, OrderId, Position, Ticker } from '../core/values/names.ts';
import type { Standing } from '../projections/expansion.ts';
import { movedBy } from '../projections/order-facts.ts';

/** A working order, as far as the facts of its life are told with it. */
export interface Working extends Standing {
  readonly orderId: OrderId;
  readonly correlationId: CorrelationId;
  readonly account: AccountId;
  readonly ticker: Ticker;
  readonly side: Side;
  filled: Quantity;
  filledProduct: Product;
  isStarted: boolean;
}

export interface Held {
  readonly account: AccountId;
  readonly ticker: Ticker;
  readonly holding: Holding;
}

/** How things stood just before a fact, and what a fill has settled. */
export interface Moment {
  readonly working: Readonly<Working> | undefined;
  readonly settlement: Settlement | undefined;
}

/** After these an order is finished, whatever of it was filled. */
const ENDS: ReadonlySet<Event['type']> = new Set([
  'OrderRejected',
  'OrderFailed',
  'OrderExpired',
  'OrderCanceled',
]);

/** As unambiguous as it is readable: a ticker has no space. */
export const positionKey = (account: AccountId, ticker: Ticker): string => `${account} ${ticker}`;

export class Standings {
  readonly #working = new Map<OrderId, Working>();
  readonly #held = new Map<string, Held>();
  #position: Position;

  /** Goes on after `position`. */
  constructor(position = 0 as Position, working: Iterable<Working> = [], held: Iterable<Held> = []) {
    this.#position = position;
    for (const order of working) this.#working.set(order.orderId, order);
    for (const one of held) this.#held.set(positionKey(one.account, one.ticker), one);
  }

  /** The last fact that was folded in. */
  get position(): Position {
    return this.#position;
  }
  get working(): Iterable<Readonly<Working>> {
    return this.#working.values();
  }
  get held(): Iterable<Held> {
    return this.#held.values();
  }

  /** Folds in the fact at `position`; `tell` sees how things stood before it, but for what it has settled. */
  apply(event: Event, position: Position, tell: (moment: Moment) => void): void {
    assert(position === this.#position + 1, `the journal has no gap before ${position}`);
    const id = movedBy(event);
    const working = id === undefined ? undefined : this.#working.get(id);
    assert(id === undefined || working !== undefined, `order ${id} is working`);
    const isFill = event.type === 'OrderFilled' && working !== undefined;
    tell({ working, settlement: isFill ? this.#settle(working, event) : undefined });
    if (event.type === 'OrderAccepted') this.#begin(event.order);
    if (working !== undefined) this.#move(working, event);
    this.#position = position;
  }

  #begin({ orderId, correlationId, account, ticker, side, quantity }: Order): void {
    const filled = 0n as Quantity;
    const filledProduct = 0n as Product;
    const own = { orderId, correlationId, account, ticker, side, quantity };
    this.#working.set(orderId, { ...own, filled, filledProduct, isStarted: false });
  }

  #move(working: Working, event: Event): void {
    if (event.type === 'OrderFilled') {
      working.filled = (working.filled + event.quantity) as Quantity;
      working.filledProduct = (working.filledProduct + productOf(event.price, event.quantity)) as Product;
    }
    if (event.type === 'OrderFilled' || event.type === 'OrderAcknowledged') working.isStarted = true;
    if (ENDS.has(event.type) || working.filled === working.quantity) this.#working.delete(working.orderId);
  }

  #settle({ account, ticker, side }: Working, { quantity, price }: OrderFilled): Settlement {
    const key = positionKey(account, ticker);
    const before = this.#held.get(key)?.holding ?? FLAT;
    const settlement = settle(before, side, quantity, productOf(price, quantity));
    this.#held.set(key, { account, ticker, holding: settlement.holding });
    return settlement;
  }
}
