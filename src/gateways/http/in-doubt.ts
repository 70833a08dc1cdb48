/** What a client is told whose command was sent, and whose engine did not answer in time: neither yes nor no. */
import type { OrderId } from '../../core/values/names.ts';
import { Fault } from '../../faults/fault.ts';
import type { Firm } from '../../firm/firm.ts';
import { wireTime } from '../../protocol/times.ts';
import { nowMicros } from './requests.ts';

export const isInDoubt = (error: unknown): boolean =>
  error instanceof Fault && error.code === 'COMMAND_IN_DOUBT';

/** What to say of an order that nobody here knows of. */
export function unknownOrder(firm: Pick<Firm, 'mayBeUnderWay'>, orderId: OrderId): Fault {
  if (!firm.mayBeUnderWay(orderId)) return new Fault('ORDER_UNKNOWN', orderId);
  return new Fault('COMMAND_IN_DOUBT', `${orderId} is not known here, and may be on its way: look again`);
}

/** The body of a `202`: the order goes by `orderId` whatever becomes of it. */
export const pendingAnswer = (orderId: OrderId, correlationId: string, message: string) => ({
  order_id: orderId,
  status: 'PENDING',
  correlation_id: correlationId,
  timestamp: wireTime(nowMicros()),
  message,
});
