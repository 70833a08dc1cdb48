/** `POST /api/v1/orders`: from the request's words to the core's order, and from its facts to the answer. */
import type { Principal } from '../../access/directory.ts';
import type { DuplicateRefused, OrderDenied } from '../../core/events.ts';
import { type Instrument, isOnLot, isOnTick } from '../../core/instruments/instrument.ts';
import type { Order } from '../../core/orders/order.ts';
import { InvariantBroken } from '../../core/values/assert.ts';
import { formatFixed, type Price, type Quantity } from '../../core/values/fixed-point.ts';
import type { ClientOrderId, CorrelationId, OrderId, Ticker } from '../../core/values/names.ts';
import type { Committed } from '../../journal/entry.ts';
import { readDecimal } from '../../protocol/exact-number.ts';
import { type FieldError, FieldFault } from '../../protocol/field-fault.ts';
import { refusalMessage, wireViolation } from '../../protocol/refusals.ts';
import type { OrderRequest } from '../../protocol/schemas/orders.ts';
import { wireTime } from '../../protocol/times.ts';
import { newId } from './ids.ts';
import { ExplainedFault } from './problems.ts';

/** The symbol as it is listed: upper case. */
export const tickerOf = (symbol: string): Ticker => symbol.toUpperCase() as Ticker;

/** What does not stand on the instrument's steps. Fields that are no decimals at all are left to the schema. */
export function offSteps(
  body: unknown,
  listed: (ticker: Ticker) => Instrument | undefined,
): readonly FieldError[] {
  const { symbol, quantity, price } = (body ?? {}) as Partial<Record<string, unknown>>;
  const instrument = typeof symbol === 'string' ? listed(tickerOf(symbol)) : undefined;
  if (instrument === undefined) return [];
  const errors: FieldError[] = [];
  const units = readDecimal(quantity);
  if (typeof units === 'bigint' && !isOnLot(instrument, units as Quantity)) {
    errors.push({ field: 'quantity', message: stepMessage(instrument.lotSize) });
  }
  const limit = readDecimal(price);
  if (typeof limit === 'bigint' && !isOnTick(instrument, limit as Price)) {
    errors.push({ field: 'price', message: stepMessage(instrument.tickSize) });
  }
  return errors;
}

const stepMessage = (step: bigint): string => `must be a multiple of ${formatFixed(step)}`;

/** A copy that does not keep the whole body alive: the order may work for days. */
const detached = (text: string): string => (text === 'default' ? 'default' : Buffer.from(text).toString());

/** The core's order. `body` has passed its schema and {@link offSteps}. */
export function orderOf(body: OrderRequest, by: Principal, correlationId: CorrelationId): Order {
  const { strategy = 'default' } = body;
  const clientOrderId = body.client_order_id ?? undefined;
  return {
    orderId: newId() as OrderId,
    correlationId,
    user: by.user,
    account: by.account,
    ticker: tickerOf(body.symbol),
    side: body.side,
    type: body.type ?? 'LIMIT',
    quantity: exact(body.quantity) as Quantity,
    price: body.price === undefined ? undefined : (exact(body.price) as Price),
    strategy: detached(strategy),
    clientOrderId: clientOrderId === undefined ? undefined : (detached(clientOrderId) as ClientOrderId),
  };
}

function exact(input: unknown): bigint {
  const value = readDecimal(input);
  if (typeof value === 'bigint') return value;
  throw new FieldFault([{ field: 'body', message: value }]); // the schema has refused it before
}

/**
 * The answer that the committed facts give.
 * @throws ExplainedFault CLIENT_ORDER_ID_DUPLICATE or CLIENT_ORDER_ID_CONFLICT, with the first order's id
 */
export function answerTo(order: Order, { at, events }: Committed): Record<string, unknown> {
  for (const event of events) {
    switch (event.type) {
      case 'OrderAccepted':
        return answer(order, at, 'APPROVED', 'Order approved and on its way to the venue');
      case 'OrderDenied':
        return denied(order, at, event);
      case 'DuplicateRefused':
        throw duplicate(event);
      default:
        break; // other facts of the same step
    }
  }
  throw new InvariantBroken('an order is accepted, denied or a duplicate');
}

const answer = (order: Order, at: Committed['at'], status: string, message: string) => ({
  order_id: order.orderId,
  status,
  correlation_id: order.correlationId,
  timestamp: wireTime(at),
  message,
});

const denied = (order: Order, at: Committed['at'], { refusals }: OrderDenied) => ({
  ...answer(order, at, 'REJECTED', refusalMessage(refusals)),
  reason: 'RISK',
  violations: refusals.map(wireViolation),
});

function duplicate({ clientOrderId, firstOrderId, isConflict }: DuplicateRefused): ExplainedFault {
  const code = isConflict ? 'CLIENT_ORDER_ID_CONFLICT' : 'CLIENT_ORDER_ID_DUPLICATE';
  return new ExplainedFault(code, `${clientOrderId} is ${firstOrderId}`, { order_id: firstOrderId });
}
