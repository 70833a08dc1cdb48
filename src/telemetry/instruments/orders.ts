/** What becomes of orders, by the guide's names, and what they come to. */
import type { Catalogue, Role } from '../catalogue.ts';

const roles: readonly Role[] = ['engine'];

export const orderInstruments = (catalogue: Catalogue) => ({
  /** Orders that our rules answered: accepted or denied. */
  ordersTotal: catalogue.counter({
    name: 'orders_total',
    help: 'Orders answered, accepted or denied',
    roles,
  }),
  /** Orders filled whole. */
  ordersExecuted: catalogue.counter({ name: 'orders_executed', help: 'Orders filled whole', roles }),
  /** Orders that our rules or a venue refused. */
  ordersRejected: catalogue.counter({
    name: 'orders_rejected',
    help: 'Orders refused by our rules or by a venue',
    roles,
  }),
  /** From the request's arrival to its durable answer, in seconds. */
  orderLatency: catalogue
    .distribution({
      name: 'order_latency_seconds',
      help: 'From the arrival of an order to its durable answer',
      roles: ['api'],
    })
    .labels({}),
  activePositions: catalogue.gauge({
    name: 'active_positions',
    help: 'Instruments held, long or short',
    roles,
  }),
  netExposure: catalogue.gauge({
    name: 'net_exposure_usd',
    help: 'Longs less shorts at the last marks, in USD',
    roles,
  }),
  grossExposure: catalogue.gauge({
    name: 'gross_exposure_usd',
    help: 'Longs and shorts together at the last marks, in USD',
    roles,
  }),
  ordersWorking: catalogue.gauge({
    name: 'orders_working',
    help: 'Orders accepted and not finished',
    labelNames: ['shard'],
    roles,
  }),
});
