/** Rows as the text that PostgreSQL's COPY reads: tabs between the columns, a line a row. */
import { averagePrice, type Price } from '../core/values/fixed-point.ts';
import type { Micros } from '../core/values/names.ts';
import { formatDecimal, formatProduct } from '../protocol/decimal-text.ts';
import { PLAIN, storable } from './json-text.ts';
import type { CreatedOrder, EventRecord, ExecutionRecord, Flight } from './rows.ts';

const NULL = '\\N';
const SPECIAL = /[\\\t\n\r]/;
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPED[character] ?? character) : text;

/** Text from outside: made storable and escaped. */
function words(text: string | undefined): string {
  if (text === undefined) return NULL;
  return PLAIN.test(text) ? text : escaped(storable(text));
}
const decimal = (value: bigint | undefined): string => (value === undefined ? NULL : formatDecimal(value));

/** Rows come by their time, so the second is mostly the one before. */
let lastSecond = Number.NaN;
let secondText = '';
function time(at: Micros): string {
  const second = Math.floor(at / 1_000_000);
  if (second !== lastSecond) {
    secondText = new Date(second * 1_000).toISOString().slice(0, 19);
    lastSecond = second;
  }
  return `${secondText}.${String(at - second * 1_000_000).padStart(6, '0')}Z`;
}

/** Average over the fills, rounded half to even; undefined before the first. */
export const executedPriceOf = ({ filled, filledProduct }: Readonly<Flight>): Price | undefined =>
  filled > 0n ? averagePrice(filledProduct, filled) : undefined;

export const EVENTS_COPY =
  'copy events (event_id, event_type, correlation_id, order_id, "timestamp", payload, user_id, created_at) from stdin';

export function eventLine(row: EventRecord): string {
  const at = time(row.at);
  const order = row.orderId ?? NULL;
  const user = words(row.user);
  const payload = escaped(row.payload);
  return `${row.eventId}\t${row.eventType}\t${row.correlationId}\t${order}\t${at}\t${payload}\t${user}\t${at}\n`;
}

const ORDER_COLUMNS = [
  'order_id',
  'correlation_id',
  'symbol',
  'side',
  'type',
  'quantity',
  'price',
  'strategy',
  'client_order_id',
  'status',
  'executed_quantity',
  'executed_price',
  'executed_value',
  'rejection_reason',
  'user_id',
  'account',
  'started_at',
  'created_at',
  'updated_at',
];
export const ORDERS_COPY = `copy orders (${ORDER_COLUMNS.join(', ')}) from stdin`;

export function orderLine({ order, createdAt, flight }: CreatedOrder, correlationId: string): string {
  const columns = [
    order.orderId,
    correlationId,
    words(order.ticker),
    order.side,
    order.type,
    formatDecimal(order.quantity),
    decimal(order.price),
    words(order.strategy),
    words(order.clientOrderId),
    flight.status,
    formatDecimal(flight.filled),
    decimal(executedPriceOf(flight)),
    formatProduct(flight.filledProduct),
    words(flight.rejectionReason),
    words(order.user),
    words(order.account),
    flight.startedAt === undefined ? NULL : time(flight.startedAt),
    time(createdAt),
    time(flight.updatedAt),
  ];
  return `${columns.join('\t')}\n`;
}

const EXECUTION_COLUMNS = [
  'execution_id',
  'order_id',
  'account',
  'symbol',
  'side',
  'quantity',
  'price',
  'closed_quantity',
  'opened_quantity',
  'realised',
  'executed_at',
];
export const EXECUTIONS_COPY = `copy executions (${EXECUTION_COLUMNS.join(', ')}) from stdin`;

export function executionLine(row: ExecutionRecord): string {
  const columns = [
    words(row.executionId),
    row.orderId,
    words(row.account),
    words(row.ticker),
    row.side,
    formatDecimal(row.quantity),
    formatDecimal(row.price),
    formatDecimal(row.closed),
    formatDecimal(row.opened),
    formatProduct(row.realised),
    time(row.at),
  ];
  return `${columns.join('\t')}\n`;
}
