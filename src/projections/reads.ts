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

/** Where each shard's journal stood: a read that is given this may come from any copy of the views that holds it. */
export type Positions = ReadonlyMap<string, Position>;

/**
 * Reads that take `atLeast` may be answered by a copy that lags, if it holds as much; without it they never are.
 * All throw Fault DATABASE_UNAVAILABLE.
 */
export interface Reads {
  /**
   * Waits until the read models hold everything of `shard` up to `position`. Resolves false when they do not within
   * `waitMs`.
   */
  reached(shard: string, position: Position, waitMs: number): Promise<boolean>;
  /** As it stands now: cancels are decided by it. */
  order(orderId: OrderId): Promise<OrderRow | undefined>;
  orders(filter: OrderFilter, atLeast?: Positions): Promise<OrderPage>;
  /** How many orders stand in each status. */
  statusCounts(atLeast?: Positions): Promise<ReadonlyMap<OrderStatus, number>>;
  /** How many rows the `events` table holds. */
  eventCount(atLeast?: Positions): Promise<number>;
  /** The newest `limit` events, newest last. */
  latestEvents(limit: number, atLeast?: Positions): Promise<readonly EventRow[]>;
  eventsOfCorrelation(id: CorrelationId, atLeast?: Positions): Promise<readonly EventRow[]>;
  eventsOfOrder(id: OrderId, atLeast?: Positions): Promise<readonly EventRow[]>;
}
