/** The orders that a shard answered, out of its journal: what an owner must not answer a second time. */
import type { Micros, OrderId } from '../core/values/names.ts';
import { decodeBatch } from '../journal/codec.ts';
import type { Journal } from '../journal/journal.ts';

type Readable = Pick<Journal, 'read' | 'positionBefore'>;

/** Ids of the orders accepted or denied since `time`, and of some before it. @throws Fault JOURNAL_* */
export async function recentOrders(journal: Readable, time: Micros): Promise<Set<OrderId>> {
  const recent = new Set<OrderId>();
  for await (const orderId of answeredSince(journal, time)) recent.add(orderId);
  return recent;
}

/** Those of `orderIds` that were accepted or denied since `time`, or a little before it. @throws Fault JOURNAL_* */
export async function answeredOf(
  journal: Readable,
  orderIds: ReadonlySet<string>,
  time: Micros,
): Promise<Set<OrderId>> {
  const answered = new Set<OrderId>();
  for await (const orderId of answeredSince(journal, time)) {
    if (orderIds.has(orderId)) answered.add(orderId);
  }
  return answered;
}

async function* answeredSince(journal: Readable, time: Micros): AsyncGenerator<OrderId> {
  for await (const row of journal.read(await journal.positionBefore(time))) {
    for (const { events } of decodeBatch(row).entries) {
      for (const event of events) {
        if (event.type === 'OrderAccepted' || event.type === 'OrderDenied') yield event.order.orderId;
      }
    }
  }
}
