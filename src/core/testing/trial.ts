/** A core under trial: beside the real state it keeps its own books, in the plainest way, to be held against it. */
import type { Command } from '../commands.ts';
import { decide } from '../decide.ts';
import type { Event, OrderFilled } from '../events.ts';
import { evolve } from '../evolve.ts';
import type { Order } from '../orders/order.ts';
import { FLAT, type Holding, settle } from '../positions/holding.ts';
import { initialState, type State } from '../state.ts';
import { magnitudeOf, type Price, productOf } from '../values/fixed-point.ts';
import type { OrderId, Ticker } from '../values/names.ts';
import type { Past } from './any-commands.ts';

/** The firm's worst cases, undivided (1e-16), summed up from nothing. */
export interface Totals {
  readonly upmost: bigint;
  readonly downmost: bigint;
  readonly worst: bigint;
}

export class Trial implements Past {
  readonly state: State = initialState();
  readonly history: Event[] = [];
  readonly sent: Order[] = [];
  /** By account and ticker: the fills folded one by one. */
  readonly holdings = new Map<string, Holding>();
  /** By account and ticker: what came in less what went out, undivided. */
  readonly cash = new Map<string, bigint>();
  /** Worth of this trading day's executions at their prices, undivided. */
  executedToday = 0n;
  readonly #orders = new Map<OrderId, Order>();

  constructor(floor: readonly Event[]) {
    for (const event of floor) this.happen(event);
  }

  get working(): readonly OrderId[] {
    return [...this.state.orders.keys()];
  }

  leavesOf(orderId: OrderId): bigint {
    return this.state.orders.get(orderId)?.leaves ?? 0n;
  }

  /** What would follow from `command`. */
  ask(command: Command): readonly Event[] {
    if (command.type === 'PlaceOrder') this.sent.push(command.order);
    return decide(this.state, command);
  }

  happen(event: Event): void {
    this.history.push(event);
    if (event.type === 'OrderAccepted') this.#orders.set(event.order.orderId, event.order);
    if (event.type === 'OrderFilled') this.#book(event);
    if (event.type === 'TradingDayStarted') this.executedToday = 0n;
    evolve(this.state, event);
  }

  /** Summed up from holdings and working orders; `at` values one instrument at another mark than the state does. */
  totals(at?: { readonly ticker: Ticker; readonly mark: Price }): Totals {
    let upmost = 0n;
    let downmost = 0n;
    let worst = 0n;
    for (const { ticker, slot } of this.state.instruments.values()) {
      const mark = at?.ticker === ticker ? at.mark : this.state.firm.markAt(slot);
      const { longest, shortest } = this.ends(ticker);
      upmost += mark * longest;
      downmost += mark * shortest;
      const farther =
        magnitudeOf(longest) > magnitudeOf(shortest) ? magnitudeOf(longest) : magnitudeOf(shortest);
      worst += mark * farther;
    }
    return { upmost, downmost, worst };
  }

  /** Units of `ticker` held when every buy is filled and no sell, and the other way round. */
  ends(ticker: Ticker): { longest: bigint; shortest: bigint } {
    let held = 0n;
    for (const [key, { units }] of this.holdings) if (key.endsWith(`/${ticker}`)) held += units;
    let longest = held;
    let shortest = held;
    for (const { order, leaves } of this.state.orders.values()) {
      if (order.ticker !== ticker) continue;
      if (order.side === 'BUY') longest += leaves;
      else shortest -= leaves;
    }
    return { longest, shortest };
  }

  /** Executed today, and working at its reserve price. */
  volume(): bigint {
    let working = 0n;
    for (const { leaves, reservePrice } of this.state.orders.values()) working += leaves * reservePrice;
    return this.executedToday + working;
  }

  #book({ orderId, quantity, price }: OrderFilled): void {
    const order = this.#orders.get(orderId);
    if (order === undefined) throw new TypeError(`${orderId} was filled and never accepted`);
    const key = `${order.account}/${order.ticker}`;
    const paid = productOf(price, quantity);
    this.holdings.set(key, settle(this.holdings.get(key) ?? FLAT, order.side, quantity, paid).holding);
    this.cash.set(key, (this.cash.get(key) ?? 0n) + (order.side === 'BUY' ? 0n - paid : paid));
    this.executedToday += paid;
  }
}

/** Two dumps hold the same, to the last byte. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((one: unknown, i) => isSame(one, b[i]));
}
