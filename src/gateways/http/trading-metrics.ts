/** Counts the journal's facts into the guide's figures, as they are committed. */
import type { Event } from '../../core/events.ts';
import type { OrderId } from '../../core/values/names.ts';
import type { Engine } from '../../sequencer/engine.ts';
import type { Metrics } from '../../telemetry/metrics.ts';

/** Follows `engine` from now on, best before anything is asked of it. Returns how to stop. */
export function countOrders(engine: Engine, metrics: Metrics): () => void {
  const counter = new OrderCounter(engine, metrics);
  return engine.subscribe(({ entries }) => {
    for (const { events } of entries) for (const event of events) counter.count(event);
  });
}

class OrderCounter {
  readonly #metrics: Metrics;
  /** What is left of each working order: a fill that leaves nothing is an order executed. */
  readonly #leaves = new Map<OrderId, bigint>();

  constructor(engine: Pick<Engine, 'read'>, metrics: Metrics) {
    this.#metrics = metrics;
    const working = engine.read(({ orders }) =>
      Array.from(orders.values(), ({ order, leaves }) => [order.orderId, leaves] as const),
    );
    working.then(
      (before) => {
        for (const [orderId, leaves] of before) this.#leaves.set(orderId, leaves);
      },
      () => {}, // the engine stops: the next start counts from zero again
    );
  }

  count(event: Event): void {
    switch (event.type) {
      case 'OrderAccepted':
        this.#metrics.ordersTotal.inc();
        this.#leaves.set(event.order.orderId, event.order.quantity);
        return;
      case 'OrderDenied':
        this.#metrics.ordersTotal.inc();
        this.#metrics.ordersRejected.inc();
        for (const { rule } of event.refusals) this.#metrics.riskDenials.labels({ rule }).inc();
        return;
      case 'OrderFilled':
        this.#fill(event.orderId, event.quantity);
        return;
      case 'OrderRejected':
        this.#metrics.ordersRejected.inc();
        this.#leaves.delete(event.orderId);
        return;
      case 'OrderFailed':
      case 'OrderExpired':
      case 'OrderCanceled':
        this.#leaves.delete(event.orderId);
        return;
      default: // nothing that these figures count
    }
  }

  #fill(orderId: OrderId, quantity: bigint): void {
    const known = this.#leaves.get(orderId);
    if (known === undefined) return;
    const leaves = known - quantity;
    if (leaves > 0n) {
      this.#leaves.set(orderId, leaves);
      return;
    }
    this.#leaves.delete(orderId);
    this.#metrics.ordersExecuted.inc();
  }
}
