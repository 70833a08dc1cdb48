/** Rows of the SQL views as the doors know them: exact numbers, microseconds, no null. */
import type { OrderStatus } from '../core/orders/lifecycle.ts';
import type { OrderType, Side } from '../core/orders/order.ts';
import { PLACES, type Price, type Quantity } from '../core/values/fixed-point.ts';
import type {
  AccountId,
  ClientOrderId,
  CorrelationId,
  Micros,
  OrderId,
  Ticker,
  UserId,
} from '../core/values/names.ts';
import { parseDecimal } from '../protocol/decimal-text.ts';
import { parseExact } from './json-text.ts';
import type { EventRow, OrderRow } from './reads.ts';

const MICROS = (column: string): string => `(extract(epoch from ${column}) * 1000000)::bigint`;

export const ORDER_COLUMNS = `order_id, correlation_id, user_id, account, symbol, side, type, quantity, price,
  strategy, client_order_id, status, executed_quantity, executed_price, rejection_reason,
  ${MICROS('created_at')} as created`;

export interface SqlOrder {
  readonly order_id: OrderId;
  readonly correlation_id: CorrelationId;
  readonly user_id: UserId;
  readonly account: AccountId;
  readonly symbol: Ticker;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: string;
  readonly price: string | null;
  readonly strategy: string;
  readonly client_order_id: string | null;
  readonly status: OrderStatus;
  readonly executed_quantity: string;
  readonly executed_price: string | null;
  readonly rejection_reason: string | null;
  readonly created: bigint;
}

export const orderRowOf = (row: SqlOrder): OrderRow => ({
  orderId: row.order_id,
  correlationId: row.correlation_id,
  user: row.user_id,
  account: row.account,
  ticker: row.symbol,
  side: row.side,
  type: row.type,
  quantity: parseDecimal(row.quantity, PLACES) as Quantity,
  price: priceOf(row.price),
  strategy: row.strategy,
  clientOrderId: (row.client_order_id ?? undefined) as ClientOrderId | undefined,
  status: row.status,
  executedQuantity: parseDecimal(row.executed_quantity, PLACES) as Quantity,
  executedPrice: priceOf(row.executed_price),
  rejectionReason: row.rejection_reason ?? undefined,
  createdAt: Number(row.created) as Micros,
});

const priceOf = (text: string | null): Price | undefined =>
  text === null ? undefined : (parseDecimal(text, PLACES) as Price);

/** The payload travels as text: parsed by the driver, its decimals would become doubles. */
export const EVENT_COLUMNS = `event_id, event_type, correlation_id, order_id, ${MICROS('"timestamp"')} as at,
  payload::text as payload, user_id`;

export interface SqlEvent {
  readonly event_id: string;
  readonly event_type: string;
  readonly correlation_id: CorrelationId;
  readonly order_id: OrderId | null;
  readonly at: bigint;
  readonly payload: string;
  readonly user_id: UserId | null;
}

export const eventRowOf = (row: SqlEvent): EventRow => ({
  eventId: row.event_id,
  eventType: row.event_type,
  correlationId: row.correlation_id,
  orderId: row.order_id ?? undefined,
  at: Number(row.at) as Micros,
  payload: parseExact(row.payload),
  user: row.user_id ?? ('' as UserId),
});
