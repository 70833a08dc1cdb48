/** For tests: a dispatch that places an order, and one that cancels it. */
import type { PlaceOrder } from '../core/commands.ts';
import type { Order } from '../core/orders/order.ts';
import { price, quantity } from '../core/values/fixed-point.ts';
import type { AccountId, CorrelationId, Micros, OrderId, Ticker, UserId } from '../core/values/names.ts';
import type { Dispatch } from './dispatch.ts';

let count = 0;
/** A new UUID each time, the same in each run. */
export const nextId = (): string => {
  count += 1;
  return `01900000-0000-7000-8000-${String(count).padStart(12, '0')}`;
};

export type Placing = Dispatch & { readonly command: PlaceOrder };

export function placing(changes: Partial<Order> = {}, more: Partial<Dispatch> = {}): Placing {
  const order: Order = {
    orderId: nextId() as OrderId,
    correlationId: nextId() as CorrelationId,
    user: 'trader1' as UserId,
    account: 'HOUSE' as AccountId,
    ticker: 'AAPL' as Ticker,
    side: 'BUY',
    type: 'LIMIT',
    quantity: quantity('100'),
    price: price('150.5'),
    strategy: 'default',
    clientOrderId: undefined,
    ...changes,
  };
  return {
    commandId: nextId(),
    shard: 's1',
    by: { user: order.user, origin: '127.0.0.1', correlationId: order.correlationId, reason: undefined },
    sentAt: 1_000_000 as Micros,
    deadline: undefined,
    replyTo: 'api-1',
    ...more,
    command: { type: 'PlaceOrder', order, quote: undefined },
  };
}
