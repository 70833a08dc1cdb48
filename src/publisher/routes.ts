/** Which topic each of the guide's events is told on, beside `audit.events`, which has them all. */
import type { EventTopic } from '../bus/topics.ts';
import type { EventName } from '../projections/expansion.ts';

/**
 * Whoever follows `orders.created` and `orders.executed` knows which orders are open: an order is created once, and
 * each part of it that is traded, failed, cancelled or expired is told.
 */
const ROUTES: Partial<Readonly<Record<EventName, EventTopic>>> = {
  ORDER_CREATED: 'orders.created',
  ORDER_PARTIALLY_EXECUTED: 'orders.executed',
  EXECUTION_COMPLETED: 'orders.executed',
  EXECUTION_FAILED: 'orders.executed',
  ORDER_CANCELLED: 'orders.executed',
  ORDER_EXPIRED: 'orders.executed',
  RISK_CHECK_FAILED: 'risk.violations',
};

/** The one that has every event. */
export const AUDIT = 'audit.events';

/** The topic for those who want this kind of event and not all of them; undefined where there is none. */
export const routeOf = (name: EventName): EventTopic | undefined => ROUTES[name];
