/** What was told on the topics, read as any consumer reads it, and held against the journal: nothing may be missing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer } from '@platformatic/kafka';
import type { Evidence } from '../checker/evidence.ts';
import { Facts } from '../checker/facts.ts';

/** The longest that the publishers may take to catch up once nobody trades, in milliseconds. */
const PATIENCE_MS = 60_000;

/** Resolves once `orders.created` has told of each order in the journal. @throws Error saying how many are missing */
export async function allOrdersTold(evidence: Evidence, brokers: readonly string[]): Promise<void> {
  const orders = new Facts(evidence).of('OrderAccepted').map(({ event }) => event.order.orderId as string);
  if (orders.length === 0) throw new Error('there is no order to be told of');
  const missing = new Set(orders);
  const consumer = new Consumer({
    clientId: 'news-checker',
    groupId: `news-checker-${Date.now()}`,
    bootstrapBrokers: [...brokers],
  });
  try {
    const stream = await consumer.consume({
      topics: ['orders.created'],
      mode: 'earliest',
      autocommit: false,
    });
    stream.on('data', ({ key }) => missing.delete(key.toString()));
    const deadline = performance.now() + PATIENCE_MS;
    while (missing.size > 0) {
      if (performance.now() > deadline)
        throw new Error(`orders.created never told of ${missing.size} of ${orders.length} orders`);
      await sleep(100);
    }
  } finally {
    await consumer.close(true);
  }
}
