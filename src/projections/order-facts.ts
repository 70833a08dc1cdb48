/** Which order a fact is about, whether it carries the order's life on, and by which step. */
import type { Event } from '../core/events.ts';
import type { Step } from '../core/orders/lifecycle.ts';
import { assert } from '../core/values/assert.ts';
import type { OrderId } from '../core/values/names.ts';

/** Steps of the order's life that the name of the fact alone tells. */
const STEPS = {
  OrderAcknowledged: 'acknowledge',
  OrderRejected: 'reject',
  OrderFailed: 'fail',
  OrderExpired: 'expire',
  CancelRequested: 'requestCancel',
  OrderCanceled: 'cancel',
} as const satisfies Partial<Record<Event['type'], Step>>;

/** The working order whose life the fact carries on; undefined where it begins one, or moves none. */
export function movedBy(event: Event): OrderId | undefined {
  if (event.type === 'OrderFilled' || event.type === 'CancelRejected') return event.orderId;
  return event.type in STEPS && 'orderId' in event ? event.orderId : undefined;
}

/** The step that `event` is, for an order of `quantity` of which `filled` is executed with it. */
export function stepOf(event: Event, quantity: bigint, filled: bigint): Step {
  if (event.type === 'OrderFilled') return filled === quantity ? 'fillAll' : 'fillPart';
  if (event.type === 'CancelRejected') return filled > 0n ? 'refuseCancelFilled' : 'refuseCancelUnfilled';
  const step = (STEPS as Partial<Record<Event['type'], Step>>)[event.type];
  assert(step !== undefined, `${event.type} moves no order`);
  return step;
}

/** The order that the fact speaks of, though it may have none of that name. */
export function aboutOf(event: Event): OrderId | undefined {
  if ('order' in event) return event.order.orderId;
  if (event.type === 'DuplicateRefused') return event.firstOrderId;
  return 'orderId' in event ? event.orderId : undefined;
}
