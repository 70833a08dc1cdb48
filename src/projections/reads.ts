/** What the doors read of orders and events: SQL behind it, fed from the journal. */

import type { OrderStatus } from '../core/orders/lifecycle.ts';
import type { Order } from '../core/orders/order.ts';
import type { Price, Quantity } from '../core/values/fixed-point.ts';
import type { CorrelationId, Micros, OrderId, Position, Ticker, UserId } from '../core/values/names.ts';

/** An order as it was asked for, and what has become of it. */
export interface OrderRow extends Order {
  readonly status: OrderStatus;
  readonly executedQuantity: Quantity;
  /** Average over the fills, rounded half to even; undefined until the first. */
  readonly executedPrice: Price | undefined;
  /** `Risk violations: POSITION_LIMIT, ...`, or what the venue said. */
  readonly rejectionReason: string | undefined;
  readonly createdAt: Micros;
}

export interface OrderFilter {
  /** Only this user's. */
  readonly user?: UserId | undefined;
  readonly ticker?: Ticker | undefined;
  readonly statuses?: readonly OrderStatus[] | undefined;
  /** At most this many, newest first; 1 to 1,000. */
  readonly limit: number;
  /** What an earlier page gave as `next`. */
  readonly cursor?: string | undefined;
}

export interface OrderPage {
  readonly orders: readonly OrderRow[];
  /** How many match, on all pages. */
  readonly total: number;
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

/** A row of the guide's `events` table. */
export interface EventRow {
  readonly eventId: string;
  readonly eventType: string;
  readonly correlationId: CorrelationId;
  readonly orderId: OrderId | undefined;
  readonly at: Micros;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly user: UserId;
}

export interface Reads {
  /**
   * Waits until the read models hold everything of `shard` up to `position`. Resolves false when they do not within
   * `waitMs`.
   */
  reached(shard: string, position: Position, waitMs: number): Promise<boolean>;
  order(orderId: OrderId): Promise<OrderRow | undefined>;
  orders(filter: OrderFilter): Promise<OrderPage>;
  /** How many orders stand in each status. */
  statusCounts(): Promise<ReadonlyMap<OrderStatus, number>>;
  /** How many rows the `events` table holds. */
  eventCount(): Promise<number>;
  /** The newest `limit` events, newest last. */
  latestEvents(limit: number): Promise<readonly EventRow[]>;
  eventsOfCorrelation(id: CorrelationId): Promise<readonly EventRow[]>;
  eventsOfOrder(id: OrderId): Promise<readonly EventRow[]>;
}
