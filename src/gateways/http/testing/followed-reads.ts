/** The read port, followed from an engine in memory: orders and the events they went through. */
import type { Event, OrderFilled } from '../../../core/events.ts';
import type { OrderStatus } from '../../../core/orders/lifecycle.ts';
import type { Order } from '../../../core/orders/order.ts';
import { averagePrice, type Product, type Quantity } from '../../../core/values/fixed-point.ts';
import type { Micros, OrderId, Position } from '../../../core/values/names.ts';
import { Fault } from '../../../faults/fault.ts';
import type { Entry } from '../../../journal/entry.ts';
import type { EventRow, OrderFilter, OrderPage, OrderRow, Reads } from '../../../projections/reads.ts';
import { refusalMessage } from '../../../protocol/refusals.ts';
import type { Engine } from '../../../sequencer/engine.ts';

type Followed = Pick<Engine, 'position' | 'subscribe'>;

interface Held {
  readonly order: Order;
  readonly createdAt: Micros;
  status: OrderStatus;
  filled: bigint;
  product: bigint;
  reason: string | undefined;
}

const AFTER: Partial<Record<Event['type'], OrderStatus>> = {
  OrderAcknowledged: 'New',
  OrderRejected: 'Rejected',
  OrderFailed: 'Failed',
  OrderExpired: 'Expired',
  OrderCanceled: 'Canceled',
  CancelRequested: 'PendingCancel',
};

export class FollowedReads implements Reads {
  readonly #orders = new Map<OrderId, Held>();
  readonly #events: EventRow[] = [];
  readonly #engines: ReadonlyMap<string, Followed>;
  #frozenAt: ReadonlyMap<string, Position> | undefined;
  /** How far the read models are behind the journal. */
  lag = 0;

  /** Follows each shard's engine from now on. */
  constructor(engines: ReadonlyMap<string, Followed>) {
    this.#engines = engines;
    for (const engine of engines.values()) {
      engine.subscribe(({ entries }) => {
        if (this.#frozenAt !== undefined) return;
        for (const entry of entries) for (const event of entry.events) this.#follow(event, entry);
      });
    }
  }

  /** The projectors are gone: the read models stay as they are. */
  freeze(): void {
    this.#frozenAt = new Map(Array.from(this.#engines, ([shard, engine]) => [shard, engine.position]));
  }

  async reached(shard: string, position: Position): Promise<boolean> {
    const held = this.#frozenAt?.get(shard) ?? this.#engines.get(shard)?.position ?? 0;
    return held - this.lag >= position;
  }
  async order(orderId: OrderId): Promise<OrderRow | undefined> {
    const held = this.#orders.get(orderId);
    return held === undefined ? undefined : rowOf(held);
  }
  async orders({ user, ticker, statuses, limit, cursor }: OrderFilter): Promise<OrderPage> {
    const matching = [...this.#orders.values()].reverse().filter(({ order, status }) => {
      const isTheirs = user === undefined || order.user === user;
      const isAsked = ticker === undefined || order.ticker === ticker;
      return isTheirs && isAsked && (statuses === undefined || statuses.includes(status));
    });
    const from = Number(cursor ?? 0);
    if (Number.isNaN(from)) throw new Fault('BODY_INVALID', 'cursor');
    const next = from + limit < matching.length ? String(from + limit) : undefined;
    return { orders: matching.slice(from, from + limit).map(rowOf), total: matching.length, next };
  }
  async statusCounts(): Promise<ReadonlyMap<OrderStatus, number>> {
    const counts = new Map<OrderStatus, number>();
    for (const { status } of this.#orders.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
    return counts;
  }
  async eventCount(): Promise<number> {
    return this.#events.length;
  }
  async latestEvents(limit: number): Promise<readonly EventRow[]> {
    return this.#events.slice(-limit);
  }
  async eventsOfCorrelation(id: string): Promise<readonly EventRow[]> {
    return this.#events.filter(({ correlationId }) => correlationId === id);
  }
  async eventsOfOrder(id: OrderId): Promise<readonly EventRow[]> {
    return this.#events.filter(({ orderId }) => orderId === id);
  }

  #follow(event: Event, { at, user, correlationId }: Entry): void {
    const orderId = this.#orderIdOf(event, at);
    const held = orderId === undefined ? undefined : this.#orders.get(orderId);
    if (held !== undefined) {
      held.status = AFTER[event.type] ?? held.status;
      if (event.type === 'OrderFilled') fill(held, event);
    }
    const eventId = String(this.#events.length + 1);
    this.#events.push({ eventId, eventType: event.type, correlationId, orderId, at, payload: {}, user });
  }

  #orderIdOf(event: Event, createdAt: Micros): OrderId | undefined {
    if (event.type !== 'OrderAccepted' && event.type !== 'OrderDenied') {
      return 'orderId' in event ? event.orderId : undefined;
    }
    const isDenied = event.type === 'OrderDenied';
    const reason = isDenied ? refusalMessage(event.refusals) : undefined;
    const status = isDenied ? 'Denied' : 'PendingNew';
    const { order } = event;
    this.#orders.set(order.orderId, { order, createdAt, status, filled: 0n, product: 0n, reason });
    return order.orderId;
  }
}

function fill(held: Held, { quantity, price }: OrderFilled): void {
  held.filled += quantity;
  held.product += quantity * price;
  held.status = held.filled === held.order.quantity ? 'Filled' : 'PartiallyFilled';
}

const rowOf = ({ order, createdAt, status, filled, product, reason }: Held): OrderRow => ({
  ...order,
  status,
  executedQuantity: filled as Quantity,
  executedPrice: filled === 0n ? undefined : averagePrice(product as Product, filled as Quantity),
  rejectionReason: reason,
  createdAt,
});
