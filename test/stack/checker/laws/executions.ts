/** Executions count once, and positions are their sum: in the journal and in the views. */

import type { OrderAccepted, OrderFilled } from '../../../../src/core/events.ts';
import { formatFixed, parseFixed } from '../../../../src/core/values/fixed-point.ts';
import type { Evidence } from '../evidence.ts';
import { decidedAt, type Fact, type Facts, grouped, placeOf } from '../facts.ts';
import { type Quota, type Verdict, verdictOf } from '../verdict.ts';

/** No execution id of a shard's venue fills twice, no fill comes before its order, and none takes more than was asked. */
export function executionsOnce(facts: Facts, quota: Quota): Verdict {
  const fills = facts.of('OrderFilled');
  const accepted = ordersOf(facts);
  const twice = [...grouped(fills, ({ shard, event }) => `${shard} ${event.executionId}`)]
    .filter(([, found]) => found.length > 1)
    .map(([id, found]) => `execution ${id} fills at ${found.map(placeOf).join(' and ')}`);
  const perOrder = grouped(fills, ({ event }) => event.orderId);
  const wrong = [...perOrder].flatMap(([orderId, found]) => {
    const order = accepted.get(orderId);
    if (order === undefined) return [`${orderId} is filled and was never accepted`];
    const early = found.find(({ shard, position }) => shard !== order.shard || position < order.position);
    if (early !== undefined)
      return [`${orderId} is filled at ${placeOf(early)}, accepted at ${placeOf(order)}`];
    const filled = found.reduce((sum, { event }) => sum + event.quantity, 0n);
    if (filled <= order.event.order.quantity) return [];
    return [`${orderId} asked ${formatFixed(order.event.order.quantity)} and got ${formatFixed(filled)}`];
  });
  return verdictOf('no execution counts twice', decidedAt(fills), quota, [...twice, ...wrong]);
}

/** Each fill is a row of `executions`, each account's position is the sum of its fills, and orders say what they got. */
export function positionsAreFolds({ views }: Evidence, facts: Facts, quota: Quota): Verdict {
  const accepted = ordersOf(facts);
  const fills = facts.of('OrderFilled');
  const booked = fills.map((fill) => executionText(fill, accepted.get(fill.event.orderId)));
  const shown = views.executions.map(({ order_id, execution_id, account, symbol, side, quantity, price }) =>
    [order_id, execution_id, account, symbol, side, exact(quantity), exact(price)].join(' '),
  );
  const violations = [
    ...differences('executions', booked, shown),
    ...differences('positions', foldedPositions(fills, accepted), shownPositions(views)),
    ...differences('orders', filledOrders(fills, accepted), shownOrders(views)),
  ];
  return verdictOf('positions are the fold of the fills', decidedAt(fills), quota, violations);
}

type Accepted = ReadonlyMap<string, Fact<OrderAccepted>>;

const ordersOf = (facts: Facts): Accepted =>
  new Map(facts.of('OrderAccepted').map((fact) => [fact.event.order.orderId as string, fact]));

function executionText({ event }: Fact<OrderFilled>, accepted: Fact<OrderAccepted> | undefined): string {
  const order = accepted?.event.order;
  const { orderId, executionId, quantity, price } = event;
  return [orderId, executionId, order?.account, order?.ticker, order?.side, quantity, price].join(' ');
}

function foldedPositions(fills: readonly Fact<OrderFilled>[], accepted: Accepted): readonly string[] {
  const held = new Map<string, bigint>();
  for (const { shard, event } of fills) {
    const order = accepted.get(event.orderId)?.event.order;
    if (order === undefined) continue; // another law says so
    const key = [shard, order.account, order.ticker].join(' ');
    const units = order.side === 'BUY' ? event.quantity : -event.quantity;
    held.set(key, (held.get(key) ?? 0n) + units);
  }
  return [...held].filter(([, units]) => units !== 0n).map(([key, units]) => `${key} ${units}`);
}

/** A flat position may stay behind as a row. */
const shownPositions = ({ positions }: Evidence['views']): readonly string[] =>
  positions
    .map(({ shard, account, symbol, quantity }) => ({
      key: [shard, account, symbol].join(' '),
      units: exact(quantity),
    }))
    .filter(({ units }) => units !== 0n)
    .map(({ key, units }) => `${key} ${units}`);

function filledOrders(fills: readonly Fact<OrderFilled>[], accepted: Accepted): readonly string[] {
  const perOrder = grouped(fills, ({ event }) => event.orderId);
  return [...accepted.keys()].map((orderId) => {
    const filled = (perOrder.get(orderId) ?? []).reduce((sum, { event }) => sum + event.quantity, 0n);
    return `${orderId} ${filled}`;
  });
}

const shownOrders = ({ orders }: Evidence['views']): readonly string[] =>
  orders
    .filter(({ status }) => status !== 'Denied')
    .map(({ order_id, executed_quantity }) => `${order_id} ${exact(executed_quantity)}`);

/** What is in one and not in the other, or not as often. */
function differences(what: string, journal: readonly string[], shown: readonly string[]): readonly string[] {
  const [wanted, found] = [countOf(journal), countOf(shown)];
  const all = new Set([...wanted.keys(), ...found.keys()]);
  return [...all]
    .filter((text) => (wanted.get(text) ?? 0) !== (found.get(text) ?? 0))
    .map(
      (text) => `${what}: ${text}: ${wanted.get(text) ?? 0} in the journal, ${found.get(text) ?? 0} shown`,
    );
}

function countOf(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function exact(decimal: string): bigint {
  const value = parseFixed(decimal);
  if (typeof value !== 'bigint') throw new TypeError(`${decimal} is no decimal`);
  return value;
}
