/** The views' own fold of the journal: pure, in memory, and forgetful of all that SQL can tell again. */
import type { Event, OrderFilled } from '../core/events.ts';
import { advance, isFinished, type OrderStatus } from '../core/orders/lifecycle.ts';
import type { Order } from '../core/orders/order.ts';
import { FLAT, type Settlement, settle } from '../core/positions/holding.ts';
import { assert } from '../core/values/assert.ts';
import { type Product, productOf, type Quantity } from '../core/values/fixed-point.ts';
import type { AccountId, Micros, OrderId, Position, Ticker } from '../core/values/names.ts';
import type { CommittedBatch, Entry } from '../journal/entry.ts';
import { refusalMessage } from '../protocol/refusals.ts';
import { shardTag } from './event-ids.ts';
import { eventRecords } from './event-records.ts';
import type { Standing } from './expansion.ts';
import { movedBy, stepOf } from './order-facts.ts';
import { Pending } from './pending.ts';
import type { Changes, Flight, PositionRecord } from './rows.ts';

/** Working orders kept in memory; older ones are read again from SQL when they move. About 100 MB. */
const FLIGHTS_MAX = 200_000;

const keyOf = (account: AccountId, ticker: Ticker): string => `${account}\n${ticker}`;

export class Fold {
  readonly #tag: number;
  readonly #flightsMax: number;
  readonly #flights = new Map<OrderId, Flight>();
  readonly #holdings = new Map<string, PositionRecord>();
  #position: Position;
  #pending = new Pending();

  /** Goes on after `position`, where the views hold `positions`. */
  constructor(
    shard: string,
    position: Position,
    positions: readonly PositionRecord[],
    flightsMax = FLIGHTS_MAX,
  ) {
    this.#tag = shardTag(shard);
    this.#position = position;
    this.#flightsMax = flightsMax;
    for (const held of positions) this.#holdings.set(keyOf(held.account, held.ticker), held);
  }

  /** The last fact that was folded in. */
  get position(): Position {
    return this.#position;
  }

  /** Orders that `batch` moves and that are not in memory: read them from SQL and {@link remember} them first. */
  unknown(batch: CommittedBatch): readonly OrderId[] {
    const ids = new Set<OrderId>();
    const created = new Set<OrderId>();
    for (const { events } of batch.entries) {
      for (const event of events) {
        if (event.type === 'OrderAccepted') created.add(event.order.orderId);
        const id = movedBy(event);
        if (id !== undefined && !created.has(id) && !this.#flights.has(id)) ids.add(id);
      }
    }
    return [...ids];
  }

  remember(flights: readonly Flight[]): void {
    for (const flight of flights) this.#flights.set(flight.orderId, flight);
  }

  /** Folds the batch in; positions that were folded before are passed over, so redelivery changes nothing. */
  apply({ firstPosition, entries }: CommittedBatch): void {
    let position = firstPosition as number;
    for (const entry of entries) {
      for (const event of entry.events) {
        const at = position++ as Position;
        if (at <= this.#position) continue;
        assert(at === this.#position + 1, `the journal has no gap before ${at}`);
        this.#fact(entry, event, at);
        this.#position = at;
      }
    }
  }

  /** Hands over what has changed since the last time. */
  take(): Changes {
    const changes = this.#pending.upTo(this.#position);
    this.#pending = new Pending();
    this.#forget();
    return changes;
  }

  #forget(): void {
    for (const id of this.#flights.keys()) {
      if (this.#flights.size <= this.#flightsMax) return;
      this.#flights.delete(id);
    }
  }

  /** The rows first, from how things stood; then what the fact changes. */
  #fact(entry: Entry, event: Event, position: Position): void {
    const id = movedBy(event);
    const flight = id === undefined ? undefined : this.#flights.get(id);
    assert(id === undefined || flight !== undefined, `order ${id} is in flight`);
    const isFill = event.type === 'OrderFilled' && flight !== undefined;
    const settlement = isFill ? this.#settle(flight, event, entry.at) : undefined;
    this.#record(entry, event, position, flight, settlement);
    if (event.type === 'AccountOpened') this.#pending.opened(event.account);
    if (event.type === 'OrderAccepted') this.#create(event.order, 'PendingNew', undefined, entry.at);
    if (event.type === 'OrderDenied') {
      this.#create(event.order, 'Denied', refusalMessage(event.refusals), entry.at);
    }
    if (flight !== undefined) this.#move(flight, event, entry.at);
  }

  #record(
    entry: Entry,
    event: Event,
    position: Position,
    flight: Flight | undefined,
    settlement: Settlement | undefined,
  ): void {
    const standing = flight === undefined ? undefined : standingOf(flight);
    const fact = { entry, event, position, correlationId: flight?.correlationId };
    for (const row of eventRecords(fact, this.#tag, { standing, settlement })) this.#pending.event(row);
  }

  #create(order: Order, status: OrderStatus, rejectionReason: string | undefined, at: Micros): void {
    const { orderId, correlationId, user, account, ticker, side, quantity } = order;
    const flight: Flight = {
      orderId,
      correlationId,
      user,
      account,
      ticker,
      side,
      quantity,
      status,
      filled: 0n as Quantity,
      filledProduct: 0n as Product,
      startedAt: undefined,
      rejectionReason,
      updatedAt: at,
    };
    this.#pending.created(order, flight, at);
    if (!isFinished(status)) this.#flights.set(orderId, flight);
  }

  #move(flight: Flight, event: Event, at: Micros): void {
    const before = flight.status;
    if (event.type === 'OrderFilled') {
      flight.filled = (flight.filled + event.quantity) as Quantity;
      flight.filledProduct = (flight.filledProduct + productOf(event.price, event.quantity)) as Product;
    }
    if (event.type === 'OrderFilled' || event.type === 'OrderAcknowledged') flight.startedAt ??= at;
    if (event.type === 'OrderRejected' || event.type === 'OrderFailed') flight.rejectionReason = event.why;
    flight.status = advance(before, stepOf(event, flight.quantity, flight.filled));
    flight.updatedAt = at;
    this.#pending.moved(flight, before);
    if (isFinished(flight.status)) this.#flights.delete(flight.orderId);
  }

  #settle(flight: Flight, fill: OrderFilled, at: Micros): Settlement {
    const { orderId, account, ticker, side } = flight;
    const { executionId, quantity, price } = fill;
    const key = keyOf(account, ticker);
    const held = this.#holdings.get(key)?.holding ?? FLAT;
    const settlement = settle(held, side, quantity, productOf(price, quantity));
    const position: PositionRecord = { account, ticker, holding: settlement.holding, at };
    this.#holdings.set(key, position);
    this.#pending.position(key, position);
    const { closed, opened, realised } = settlement;
    const what = { executionId, orderId, account, ticker, side, quantity, price };
    this.#pending.execution({ ...what, closed, opened, realised, at });
    return settlement;
  }
}

const standingOf = ({ quantity, filled, filledProduct, startedAt }: Flight): Standing => ({
  quantity,
  filled,
  filledProduct,
  isStarted: startedAt !== undefined,
});
