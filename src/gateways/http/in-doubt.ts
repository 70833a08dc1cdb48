/** What a client is told whose command was sent, and whose engine did not answer in time: neither yes nor no. */
import type { OrderId } from '../../core/values/names.ts';
import { Fault } from '../../faults/fault.ts';
import { wireTime } from '../../protocol/times.ts';
import { nowMicros } from './requests.ts';

export const isInDoubt = (error: unknown): boolean =>
  error instanceof Fault && error.code === 'COMMAND_IN_DOUBT';

/** The body of a `202`: the order goes by `orderId` whatever becomes of it. */
export const pendingAnswer = (orderId: OrderId, correlationId: string, message: string) => ({
  order_id: orderId,
  status: 'PENDING',
  correlation_id: correlationId,
  timestamp: wireTime(nowMicros()),
  message,
});
