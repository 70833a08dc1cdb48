/** The views' own fold of the journal: pure, in memory, and forgetful of all that SQL can tell again. */
import type { Event, OrderFilled } from '../core/events.ts';
import { advance, isFinished, type OrderStatus, type Step } from '../core/orders/lifecycle.ts';
import type { Order } from '../core/orders/order.ts';
import { FLAT, type Settlement, settle } from '../core/positions/holding.ts';
import { assert } from '../core/values/assert.ts';
import { type Product, productOf, type Quantity } from '../core/values/fixed-point.ts';
import type { AccountId, Micros, OrderId, Position, Ticker, UserId } from '../core/values/names.ts';
import type { CommittedBatch, Entry } from '../journal/entry.ts';
import { refusalMessage } from '../protocol/refusals.ts';
import { eventIdsOf, isUuid, shardTag, uuidFor } from './event-ids.ts';
import { expand, type Standing } from './expansion.ts';
import { integer, members, objectWith, words, wordsOr } from './json-text.ts';
import type {
  Changes,
  CountChange,
  CreatedOrder,
  EventRecord,
  ExecutionRecord,
  Flight,
  PositionRecord,
} from './rows.ts';

/** Working orders kept in memory; older ones are read again from SQL when they move. About 100 MB. */
const FLIGHTS_MAX = 200_000;

const keyOf = (account: AccountId, ticker: Ticker): string => `${account}\n${ticker}`;

export class Fold {
  readonly #tag: number;
  readonly #flights = new Map<OrderId, Flight>();
  readonly #holdings = new Map<string, PositionRecord>();
  readonly #flightsMax: number;

  #position: Position;
  #events: EventRecord[] = [];
  #executions: ExecutionRecord[] = [];
  #created = new Map<OrderId, { order: Order; createdAt: Micros; flight: Flight }>();
  #updated = new Map<OrderId, Flight>();
  #moved = new Map<string, PositionRecord>();
  #counts = new Map<string, CountChange>();

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
    const changes: Changes = {
      position: this.#position,
      events: this.#events,
      executions: this.#executions,
      created: Array.from(this.#created.values(), frozen),
      updated: Array.from(this.#updated.values(), (flight) => ({ ...flight })),
      positions: [...this.#moved.values()],
      counts: [...this.#counts.values()].filter(({ n }) => n !== 0),
    };
    this.#events = [];
    this.#executions = [];
    this.#created = new Map();
    this.#updated = new Map();
    this.#moved = new Map();
    this.#counts = new Map();
    this.#forget();
    return changes;
  }

  #forget(): void {
    for (const id of this.#flights.keys()) {
      if (this.#flights.size <= this.#flightsMax) return;
      this.#flights.delete(id);
    }
  }

  /** The row first, from how things stood; then what the fact changes. */
  #fact(entry: Entry, event: Event, position: Position): void {
    const id = movedBy(event);
    const flight = id === undefined ? undefined : this.#flights.get(id);
    assert(id === undefined || flight !== undefined, `order ${id} is in flight`);
    const settlement =
      event.type === 'OrderFilled' && flight !== undefined
        ? this.#settle(flight, event, entry.at)
        : undefined;
    this.#record(entry, event, position, flight, settlement);
    if (event.type === 'OrderAccepted') this.#create(event.order, 'PendingNew', undefined, entry.at);
    if (event.type === 'OrderDenied')
      this.#create(event.order, 'Denied', refusalMessage(event.refusals), entry.at);
    if (flight !== undefined) this.#move(flight, event, entry.at);
  }

  #record(
    entry: Entry,
    event: Event,
    position: Position,
    flight: Flight | undefined,
    settlement: Settlement | undefined,
  ): void {
    const order = 'order' in event ? event.order : flight;
    const about = order?.orderId ?? aboutOf(event);
    const orderId = about !== undefined && isUuid(about) ? about : undefined;
    const correlation = order?.correlationId ?? entry.correlationId;
    const correlationId = uuidFor(correlation);
    const eventId = eventIdsOf(entry.at, position, this.#tag);
    const attribution = members({
      order_reference: about === undefined || orderId !== undefined ? undefined : words(about),
      request_correlation_id: correlation === entry.correlationId ? undefined : words(entry.correlationId),
      origin: words(entry.origin),
      reason: wordsOr(entry.reason),
      journal_position: integer(position),
    });
    const { at, user } = entry;
    const standing = flight === undefined ? undefined : standingOf(flight);
    let ordinal = 0;
    for (const [eventType, fields] of expand(event, { standing, settlement })) {
      const payload = objectWith(fields, attribution);
      this.#events.push({
        eventId: eventId(ordinal++),
        eventType,
        correlationId,
        orderId,
        at,
        payload,
        user,
      });
    }
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
    this.#created.set(orderId, { order, createdAt: at, flight });
    this.#count(flight, status, 1);
    if (!isFinished(status)) this.#flights.set(orderId, flight);
  }

  #move(flight: Flight, event: Event, at: Micros): void {
    if (event.type === 'OrderFilled') {
      flight.filled = (flight.filled + event.quantity) as Quantity;
      flight.filledProduct = (flight.filledProduct + productOf(event.price, event.quantity)) as Product;
    }
    if (event.type === 'OrderFilled' || event.type === 'OrderAcknowledged') flight.startedAt ??= at;
    if (event.type === 'OrderRejected' || event.type === 'OrderFailed') flight.rejectionReason = event.why;
    flight.updatedAt = at;

    const status = advance(flight.status, stepOf(flight, event));
    if (status !== flight.status) {
      this.#count(flight, flight.status, -1);
      this.#count(flight, status, 1);
      flight.status = status;
    }
    if (!this.#created.has(flight.orderId)) this.#updated.set(flight.orderId, flight);
    if (isFinished(status)) this.#flights.delete(flight.orderId);
  }

  #settle(flight: Flight, fill: OrderFilled, at: Micros): Settlement {
    const { orderId, account, ticker, side } = flight;
    const { executionId, quantity, price } = fill;
    const key = keyOf(account, ticker);
    const settlement = settle(
      this.#holdings.get(key)?.holding ?? FLAT,
      side,
      quantity,
      productOf(price, quantity),
    );
    const held: PositionRecord = { account, ticker, holding: settlement.holding, at };
    this.#holdings.set(key, held);
    this.#moved.set(key, held);
    const { closed, opened, realised } = settlement;
    this.#executions.push({
      executionId,
      orderId,
      account,
      ticker,
      side,
      quantity,
      price,
      closed,
      opened,
      realised,
      at,
    });
    return settlement;
  }

  #count({ user, ticker }: { user: UserId; ticker: Ticker }, status: OrderStatus, change: number): void {
    const key = `${user}\n${ticker}\n${status}`;
    const n = (this.#counts.get(key)?.n ?? 0) + change;
    this.#counts.set(key, { user, ticker, status, n });
  }
}

const frozen = ({ order, createdAt, flight }: CreatedOrder): CreatedOrder => ({
  order,
  createdAt,
  flight: { ...flight },
});

const standingOf = ({ quantity, filled, filledProduct, startedAt }: Flight): Standing => ({
  quantity,
  filled,
  filledProduct,
  isStarted: startedAt !== undefined,
});

/** Steps of the order's life that the name of the fact alone tells. */
const STEPS = {
  OrderAcknowledged: 'acknowledge',
  OrderRejected: 'reject',
  OrderFailed: 'fail',
  OrderExpired: 'expire',
  CancelRequested: 'requestCancel',
  OrderCanceled: 'cancel',
} as const satisfies Partial<Record<Event['type'], Step>>;

function stepOf(flight: Flight, event: Event): Step {
  if (event.type === 'OrderFilled') return flight.filled === flight.quantity ? 'fillAll' : 'fillPart';
  if (event.type === 'CancelRejected')
    return flight.filled > 0n ? 'refuseCancelFilled' : 'refuseCancelUnfilled';
  const step = (STEPS as Partial<Record<Event['type'], Step>>)[event.type];
  assert(step !== undefined, `${event.type} moves no order`);
  return step;
}

/** The working order whose life the fact carries on. */
function movedBy(event: Event): OrderId | undefined {
  if (event.type === 'OrderFilled' || event.type === 'CancelRejected') return event.orderId;
  return event.type in STEPS && 'orderId' in event ? event.orderId : undefined;
}

/** The order that a fact without effect on any speaks of. */
function aboutOf(event: Event): OrderId | undefined {
  if (event.type === 'DuplicateRefused') return event.firstOrderId;
  return 'orderId' in event ? event.orderId : undefined;
}
