/** What was said of an order is what the journal holds of it: once, and as it was said. */
import type { DuplicateRefused, OrderAccepted, OrderDenied } from '../../../../src/core/events.ts';
import type { Order } from '../../../../src/core/orders/order.ts';
import { parseFixed } from '../../../../src/core/values/fixed-point.ts';
import { askedAt, callsFor, keyOf, type PlaceAsk, type PlaceCall } from '../../history/record.ts';
import type { Evidence } from '../evidence.ts';
import { decidedAt, type Fact, type Facts, grouped, placeOf } from '../facts.ts';
import { type Quota, type Verdict, verdictOf } from '../verdict.ts';

/** What the core may decide about one order that is placed. */
type Decision = Fact<OrderAccepted | OrderDenied | DuplicateRefused>;

/** Every decision there is, by the call that brought it about. */
export function decisionsOf(facts: Facts): ReadonlyMap<string, readonly Decision[]> {
  const decisions: readonly Decision[] = [
    ...facts.of('OrderAccepted'),
    ...facts.of('OrderDenied'),
    ...facts.of('DuplicateRefused'),
  ];
  return grouped(decisions, ({ correlationId }) => correlationId);
}

const HAPPENED = {
  OrderAccepted: 'accepted',
  OrderDenied: 'denied',
  DuplicateRefused: 'a duplicate',
} as const;

/** Every call that was answered with an outcome has exactly that outcome in the journal, exactly once. */
export function acknowledgedOnce({ calls }: Evidence, facts: Facts, quota: Quota): Verdict {
  const decisions = decisionsOf(facts);
  const acknowledged = callsFor(calls, 'place').filter(({ phase }) => phase === 'ok');
  const violations = acknowledged.flatMap((call) => {
    const found = decisions.get(call.correlationId) ?? [];
    const [decision] = found;
    if (decision === undefined) return [`${named(call)}: answered ${told(call)}, and not in the journal`];
    if (found.length > 1) return [`${named(call)}: in the journal ${found.length} times`];
    const wrong = wrongWith(call, decision);
    return wrong === undefined ? [] : [`${named(call)}: answered ${told(call)}, but ${wrong}`];
  });
  const asked = askedAt(acknowledged);
  return verdictOf('every acknowledged order is in the journal once', asked, quota, violations);
}

function wrongWith(call: PlaceCall, decision: Decision): string | undefined {
  const { event } = decision;
  const { word, code, orderId } = call.reply;
  const expected =
    code === undefined ? (word === 'REJECTED' ? 'OrderDenied' : 'OrderAccepted') : 'DuplicateRefused';
  if (event.type !== expected) return `${placeOf(decision)} says ${HAPPENED[event.type]}`;
  const id = event.type === 'DuplicateRefused' ? event.firstOrderId : event.order.orderId;
  if (id !== orderId) return `${placeOf(decision)} is about ${id}`;
  if (event.type === 'DuplicateRefused') return undefined;
  return isAsAsked(event.order, call.ask) ? undefined : `${placeOf(decision)} holds another order`;
}

const isAsAsked = (order: Order, ask: PlaceAsk): boolean =>
  order.user === ask.user &&
  order.clientOrderId === ask.clientOrderId &&
  order.ticker === ask.symbol &&
  order.side === ask.side &&
  order.type === ask.type &&
  order.quantity === parseFixed(ask.quantity) &&
  order.price === (ask.price === undefined ? undefined : parseFixed(ask.price));

/** A call whose outcome is not known was carried out once or never; one that was refused, never. */
export function unknownAtMostOnce({ calls }: Evidence, facts: Facts, quota: Quota): Verdict {
  const decisions = decisionsOf(facts);
  const open = callsFor(calls, 'place').filter(({ phase }) => phase !== 'ok');
  const violations = open.flatMap((call) => {
    const found = decisions.get(call.correlationId) ?? [];
    const most = call.phase === 'fail' ? 0 : 1;
    if (found.length > most) {
      const what = found
        .map((decision) => `${HAPPENED[decision.event.type]} at ${placeOf(decision)}`)
        .join(', ');
      return [`${named(call)}: ${call.phase} (${told(call)}), and in the journal ${what}`];
    }
    const id = found.flatMap(({ event }) => ('order' in event ? [event.order.orderId] : []))[0];
    const promised = call.reply.orderId; // of a 202
    if (id === undefined || promised === undefined || id === promised) return [];
    return [`${named(call)}: told the order is ${promised}, and the journal holds ${id}`];
  });
  return verdictOf('what nobody knows happened once or never', askedAt(open), quota, violations);
}

/**
 * Whoever asked again under the same client order id learned of the one order there is: never two were accepted, and
 * every answer names that one. At the end no order is left whose fate its trader does not know, by an answer or by
 * having looked it up.
 */
export function retriesAgree({ calls }: Evidence, facts: Facts, quota: Quota): Verdict {
  const accepted = grouped(facts.of('OrderAccepted'), ({ event: { order } }) =>
    keyOf(order.user, order.clientOrderId ?? ''),
  );
  const byOrder = grouped(callsFor(calls, 'place'), ({ ask }) => keyOf(ask.user, ask.clientOrderId));
  const repeated = [...byOrder].filter(([, asked]) => asked.length > 1);
  const lookedUp = new Set(
    callsFor(calls, 'look').flatMap(({ phase, ask }) => (phase === 'ok' ? [ask.orderId] : [])),
  );
  const violations = [...byOrder].flatMap(([key, asked]) => {
    const answered = asked.filter(({ phase }) => phase === 'ok');
    const isFound = asked.some(({ reply }) => lookedUp.has(reply.orderId ?? ''));
    if (answered.length === 0 && !isFound && asked.some(({ phase }) => phase === 'unknown')) {
      return [`${key}: asked ${asked.length} times, and its trader still does not know`];
    }
    const ids = new Set(
      answered.filter(({ reply }) => reply.word !== 'REJECTED').map(({ reply }) => reply.orderId),
    );
    if (ids.size > 1) return [`${key}: answered with the orders ${[...ids].join(' and ')}`];
    const [id] = ids;
    const orders = accepted.get(key) ?? [];
    if (id === undefined || orders.some(({ event }) => event.order.orderId === id)) return [];
    return [`${key}: answered with ${id}, which was never accepted`];
  });
  const again = repeated.map(([, asked]) => Math.max(...askedAt(asked)));
  return verdictOf('who asks again hears of the one order', again, quota, violations);
}

/** A trader's own id belongs to one order that passed risk, within a trading day, over all shards. */
export function clientOrderIdsOnce(facts: Facts, quota: Quota): Verdict {
  const named = facts.of('OrderAccepted').filter(({ event }) => event.order.clientOrderId !== undefined);
  const byKey = grouped(named, ({ day, event: { order } }) => `${day} ${order.user} ${order.clientOrderId}`);
  const violations = [...byKey]
    .filter(([, orders]) => orders.length > 1)
    .map(([key, orders]) => `${key}: accepted at ${orders.map(placeOf).join(' and ')}`);
  return verdictOf('no client order id is accepted twice in a day', decidedAt(named), quota, violations);
}

/** No order id is used twice, and no order is in the journal, from `since` on, that nobody asked for. */
export function nothingUnasked({ calls }: Evidence, facts: Facts, since: number, quota: Quota): Verdict {
  const asked = new Set(callsFor(calls, 'place').map(({ correlationId }) => correlationId));
  const orders = [...facts.of('OrderAccepted'), ...facts.of('OrderDenied')];
  const strangers = orders
    .filter(({ correlationId, at }) => at / 1000 >= since && !asked.has(correlationId))
    .map((fact) => `${placeOf(fact)}: nobody asked for ${fact.event.order.orderId}`);
  const twice = [...grouped(orders, ({ event }) => event.order.orderId)]
    .filter(([, found]) => found.length > 1)
    .map(([id, found]) => `${id} is decided at ${found.map(placeOf).join(' and ')}`);
  const violations = [...strangers, ...twice];
  return verdictOf('no order is there that nobody asked for', decidedAt(orders), quota, violations);
}

const named = ({ call, ask }: PlaceCall): string => `call ${call} (${keyOf(ask.user, ask.clientOrderId)})`;
const told = ({ reply }: PlaceCall): string =>
  [reply.status ?? 'nothing', reply.code ?? reply.word ?? '', reply.orderId ?? ''].join(' ').trim();
