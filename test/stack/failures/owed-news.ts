/** What the topics owe the world for each fact of the journal: reckoned here from the contract, not from the publisher. */
import type { Event, EventType } from '../../../src/core/events.ts';
import type { Evidence } from '../checker/evidence.ts';
import { type Fact, Facts, placeOf } from '../checker/facts.ts';

type Told<Type extends EventType> = (event: Extract<Event, { type: Type }>) => readonly string[];

const only =
  (...types: readonly string[]) =>
  (): readonly string[] =>
    types;

/** A fact's messages by their type. Where a fill may come before it was said that execution started, that is not owed. */
const TELLS: { readonly [Type in EventType]: Told<Type> } = {
  OrderAccepted: only('ORDER_CREATED', 'RISK_CHECK_STARTED', 'RISK_CHECK_PASSED'),
  OrderDenied: only('ORDER_CREATED', 'RISK_CHECK_STARTED', 'RISK_CHECK_FAILED'),
  DuplicateRefused: only('ORDER_DUPLICATE_REFUSED'),
  OrderAcknowledged: only('EXECUTION_STARTED'),
  OrderFilled: only('ORDER_PARTIALLY_EXECUTED'), // the last one of an order: EXECUTION_COMPLETED
  OrderRejected: only('EXECUTION_FAILED'),
  OrderFailed: only('EXECUTION_FAILED'),
  OrderExpired: only('ORDER_EXPIRED'),
  OrderCanceled: only('ORDER_CANCELLED'),
  CancelRequested: only('CANCEL_REQUESTED'),
  CancelRefused: only('CANCEL_REFUSED'),
  CancelRejected: only('CANCEL_REJECTED'),
  ReportUnmatched: only('VENUE_REPORT_UNMATCHED'),
  LimitsSet: only('LIMITS_CHANGED'),
  KillSwitchEngaged: only('KILL_SWITCH_ENGAGED'),
  KillSwitchReleased: only('KILL_SWITCH_RELEASED'),
  AccessRecorded: ({ what }) => [
    { LoggedIn: 'USER_LOGIN', LoginRefused: 'LOGIN_REFUSED', Exported: 'DATA_EXPORTED' }[what],
  ],
  InstrumentListed: only('INSTRUMENT_LISTED'),
  AccountOpened: only('ACCOUNT_OPENED'),
  TradingDayStarted: only('TRADING_DAY_STARTED'),
  TradingOpened: only('TRADING_OPENED'),
  TradingClosed: only('TRADING_CLOSED'),
  MarksSampled: only(), // the market's doing: it has a topic of its own
};

const AUDIT = 'audit.events';

/** Beside the audit, which is told everything. */
const TOPICS: Readonly<Record<string, string>> = {
  ORDER_CREATED: 'orders.created',
  ORDER_PARTIALLY_EXECUTED: 'orders.executed',
  EXECUTION_COMPLETED: 'orders.executed',
  EXECUTION_FAILED: 'orders.executed',
  ORDER_CANCELLED: 'orders.executed',
  ORDER_EXPIRED: 'orders.executed',
  RISK_CHECK_FAILED: 'risk.violations',
};

export const NEWS_TOPICS: readonly string[] = [...new Set(Object.values(TOPICS)), AUDIT];

/** One message, wherever and however often it is told. */
export const newsKey = (topic: string, place: string, type: string): string => `${topic} ${place} ${type}`;

/** Every message that is owed for the facts from `since` on (milliseconds since 1970), by its {@link newsKey}. */
export function owedNews(evidence: Pick<Evidence, 'shards'>, since: number): ReadonlySet<string> {
  const facts = new Facts(evidence);
  const last = lastFills(facts);
  const owed = new Set<string>();
  for (const fact of facts.all) {
    if (fact.at / 1000 < since) continue;
    const place = placeOf(fact);
    for (const type of last.has(place) ? ['EXECUTION_COMPLETED'] : typesOf(fact.event)) {
      owed.add(newsKey(AUDIT, place, type));
      const topic = TOPICS[type];
      if (topic !== undefined) owed.add(newsKey(topic, place, type));
    }
  }
  return owed;
}

const typesOf = (event: Event): readonly string[] =>
  (TELLS[event.type] as (event: Event) => readonly string[])(event);

/** Where each order that was executed whole got the rest of its quantity. */
function lastFills(facts: Facts): ReadonlySet<string> {
  const leaves = new Map<string, bigint>();
  for (const { event } of facts.of('OrderAccepted')) leaves.set(event.order.orderId, event.order.quantity);
  const last = new Set<string>();
  for (const fill of facts.of('OrderFilled')) {
    const { orderId, quantity } = fill.event;
    const left = (leaves.get(orderId) ?? 0n) - quantity;
    leaves.set(orderId, left);
    if (left === 0n) last.add(placeOf(fill));
  }
  return last;
}

/** Messages as they came: which there were, and what is wrong with them. Coming twice is not. */
export class ToldNews {
  readonly #keys = new Map<string, string>();
  readonly #ids = new Map<string, string>();
  readonly wrong: string[] = [];

  /** @param body a CloudEvent in structured mode */
  note(topic: string, body: string): string {
    const { id, source, data } = JSON.parse(body) as CloudEvent;
    const shard = decodeURIComponent(source.slice(source.lastIndexOf('/') + 1));
    const place = `${shard}@${data.payload.journal_position}`;
    const what = `${place} ${data.event_type}`;
    const key = newsKey(topic, place, data.event_type);
    const before = this.#keys.get(key) ?? id;
    if (before !== id) this.wrong.push(`${key} has the ids ${before} and ${id}`);
    const other = this.#ids.get(id) ?? what;
    if (other !== what) this.wrong.push(`${id} is the id of ${other} and ${what}`);
    this.#keys.set(key, id);
    this.#ids.set(id, what);
    return key;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Messages of places in the journal that hold no such fact. What came after the evidence was gathered is not judged. */
  strangersTo({ shards }: Pick<Evidence, 'shards'>): readonly string[] {
    const facts = new Map<string, Fact>();
    for (const fact of new Facts({ shards }).all) facts.set(placeOf(fact), fact);
    const heads = new Map(shards.map(({ shard, head }) => [shard, head.position as number]));
    return [...this.#keys.keys()].filter((key) => {
      const [, place = ''] = key.split(' ');
      const [shard = '', position] = place.split('@');
      const fact = facts.get(place);
      if (fact !== undefined) return typesOf(fact.event).length === 0;
      return Number(position) <= (heads.get(shard) ?? Number.POSITIVE_INFINITY);
    });
  }
}

interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly data: {
    readonly event_type: string;
    readonly payload: { readonly journal_position: number };
  };
}
