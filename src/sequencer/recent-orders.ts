/** The orders that a shard answered lately, out of its journal: what a new owner must not answer a second time. */
import type { Micros, OrderId } from '../core/values/names.ts';
import { decodeBatch } from '../journal/codec.ts';
import type { Journal } from '../journal/journal.ts';

/** Ids of the orders accepted or denied since `time`, and of some before it. @throws Fault JOURNAL_* */
export async function recentOrders(
  journal: Pick<Journal, 'read' | 'positionBefore'>,
  time: Micros,
): Promise<Set<OrderId>> {
  const recent = new Set<OrderId>();
  for await (const row of journal.read(await journal.positionBefore(time))) {
    for (const { events } of decodeBatch(row).entries) {
      for (const event of events) {
        if (event.type === 'OrderAccepted' || event.type === 'OrderDenied') recent.add(event.order.orderId);
      }
    }
  }
  return recent;
}
