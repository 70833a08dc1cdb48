/** One compact fact of the core, spelled out as the rows that the guide's `events` table wants: one line a fact. */
import type { Event, EventType, OrderAccepted, OrderDenied } from '../core/events.ts';
import type { Order } from '../core/orders/order.ts';
import type { Settlement } from '../core/positions/holding.ts';
import type { Refusal } from '../core/risk/refusal.ts';
import { assert } from '../core/values/assert.ts';
import { averagePrice, type Product, productOf, type Quantity } from '../core/values/fixed-point.ts';
import { decimal, decimalOr, type Fields, flag, list, object, product, words, wordsOr } from './json-text.ts';

/** Every `event_type` there is. The first eight are the v1 contract's own. */
export const EVENT_NAMES = [
  'ORDER_CREATED',
  'RISK_CHECK_STARTED',
  'RISK_CHECK_PASSED',
  'RISK_CHECK_FAILED',
  'EXECUTION_STARTED',
  'EXECUTION_COMPLETED',
  'EXECUTION_FAILED',
  'ORDER_CANCELLED',
  'ORDER_PARTIALLY_EXECUTED',
  'ORDER_EXPIRED',
  'ORDER_DUPLICATE_REFUSED',
  'CANCEL_REQUESTED',
  'CANCEL_REFUSED',
  'CANCEL_REJECTED',
  'VENUE_REPORT_UNMATCHED',
  'LIMITS_CHANGED',
  'KILL_SWITCH_ENGAGED',
  'KILL_SWITCH_RELEASED',
  'USER_LOGIN',
  'LOGIN_REFUSED',
  'DATA_EXPORTED',
  'INSTRUMENT_LISTED',
  'ACCOUNT_OPENED',
  'TRADING_DAY_STARTED',
  'TRADING_OPENED',
  'TRADING_CLOSED',
] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** An order as it stood just before the fact. */
export interface Standing {
  readonly quantity: Quantity;
  readonly filled: Quantity;
  /** Sum of price times quantity over the fills so far. */
  readonly filledProduct: Product;
  /** The venue has given a sign of it. */
  readonly isStarted: boolean;
}

/** What a fact alone does not tell. */
export interface Seen {
  /** Of the order the fact is about; undefined where it is about none that works. */
  readonly standing: Standing | undefined;
  /** What a fill did to the position; undefined for all other facts. */
  readonly settlement: Settlement | undefined;
}

/** One row to be: its type, and what is particular to it. */
export type Link = readonly [name: EventName, fields: Fields];

type Fact<Type extends EventType> = Extract<Event, { type: Type }>;
type Expansion = { readonly [Type in EventType]: (fact: Fact<Type>, seen: Seen) => readonly Link[] };

/** Every fact there is has its line: a forgotten one does not compile. */
const EXPANSION: Expansion = {
  OrderAccepted: (fact) => [...checked(fact.order), ['RISK_CHECK_PASSED', reserved(fact)]],
  OrderDenied: (fact) => [...checked(fact.order), ['RISK_CHECK_FAILED', violations(fact)]],
  DuplicateRefused: (fact) => row('ORDER_DUPLICATE_REFUSED', repeated(fact)),
  OrderAcknowledged: () => row('EXECUTION_STARTED'),
  OrderFilled: (fact, seen) => filled(fact, seen),
  OrderRejected: ({ why }) => row('EXECUTION_FAILED', { why: words(why), by: words('venue') }),
  OrderFailed: ({ why }) => row('EXECUTION_FAILED', { why: words(why), by: words('routing') }),
  OrderExpired: (_fact, seen) => row('ORDER_EXPIRED', remains(seen)),
  OrderCanceled: (_fact, seen) => row('ORDER_CANCELLED', remains(seen)),
  CancelRequested: () => row('CANCEL_REQUESTED'),
  CancelRefused: ({ why }) => row('CANCEL_REFUSED', { why: words(why) }),
  CancelRejected: ({ why }) => row('CANCEL_REJECTED', { why: words(why) }),
  ReportUnmatched: (fact) => row('VENUE_REPORT_UNMATCHED', reported(fact)),
  LimitsSet: (fact) => row('LIMITS_CHANGED', limited(fact)),
  KillSwitchEngaged: () => row('KILL_SWITCH_ENGAGED'),
  KillSwitchReleased: () => row('KILL_SWITCH_RELEASED'),
  AccessRecorded: ({ what, subject }) => row(ACCESS[what], { subject: words(subject) }),
  InstrumentListed: (fact) => row('INSTRUMENT_LISTED', listed(fact)),
  AccountOpened: ({ account }) => row('ACCOUNT_OPENED', { account: words(account) }),
  TradingDayStarted: ({ date }) => row('TRADING_DAY_STARTED', { date: words(date) }),
  TradingOpened: () => row('TRADING_OPENED'),
  TradingClosed: ({ why }) => row('TRADING_CLOSED', { why: words(why) }),
  MarksSampled: () => [], // the market's doing and nobody's act: it stays in the journal
};

const ACCESS = { LoggedIn: 'USER_LOGIN', LoginRefused: 'LOGIN_REFUSED', Exported: 'DATA_EXPORTED' } as const;

/** The rows that `event` becomes, in their order; pure. */
export function expand(event: Event, seen: Seen): readonly Link[] {
  const line = EXPANSION[event.type] as (fact: Event, seen: Seen) => readonly Link[];
  return line(event, seen);
}

const row = (name: EventName, fields: Fields = {}): readonly Link[] => [[name, fields]];

const checked = (order: Order): readonly Link[] => [
  ['ORDER_CREATED', asked(order)],
  ['RISK_CHECK_STARTED', { symbol: words(order.ticker) }],
];

const asked = (order: Order): Fields => ({
  symbol: words(order.ticker),
  side: words(order.side),
  type: words(order.type),
  quantity: decimal(order.quantity),
  price: decimalOr(order.price),
  strategy: words(order.strategy),
  client_order_id: wordsOr(order.clientOrderId),
  account: words(order.account),
});

const reserved = ({ mark, reservePrice, boundPrice }: OrderAccepted): Fields => ({
  mark: decimal(mark),
  reserve_price: decimal(reservePrice),
  bound_price: decimal(boundPrice),
});

const violations = ({ refusals }: OrderDenied): Fields => ({
  violations: list(refusals.map(({ rule }) => words(rule))),
  refusals: list(refusals.map(refused)),
});

const refused = ({ rule, observed, limit, reference }: Refusal) =>
  object({
    rule: words(rule),
    observed: decimalOr(observed),
    limit: decimalOr(limit),
    reference_price: decimalOr(reference),
  });

/** A fill that comes before the venue's acknowledgement is itself the sign that execution has started. */
function filled(fact: Fact<'OrderFilled'>, { standing, settlement }: Seen): readonly Link[] {
  assert(standing !== undefined && settlement !== undefined, 'a fill is of a working order');
  const { executionId, quantity, price } = fact;
  const executed = (standing.filled + quantity) as Quantity;
  const value = (standing.filledProduct + productOf(price, quantity)) as Product;
  const isWhole = executed === standing.quantity;
  const fill: Link = [
    isWhole ? 'EXECUTION_COMPLETED' : 'ORDER_PARTIALLY_EXECUTED',
    {
      execution_id: words(executionId),
      quantity: decimal(quantity),
      price: decimal(price),
      executed_quantity: decimal(executed),
      executed_price: decimal(averagePrice(value, executed)),
      leaves_quantity: decimal(standing.quantity - executed),
      closed_quantity: decimal(settlement.closed),
      opened_quantity: decimal(settlement.opened),
      realized_pnl: product(settlement.realised),
    },
  ];
  return standing.isStarted ? [fill] : [['EXECUTION_STARTED', {}], fill];
}

/** What an order that ends early had executed, and what of it is given up. */
function remains({ standing }: Seen): Fields {
  assert(standing !== undefined, 'only a working order ends');
  return {
    executed_quantity: decimal(standing.filled),
    leaves_quantity: decimal(standing.quantity - standing.filled),
  };
}

const repeated = ({ clientOrderId, isConflict }: Fact<'DuplicateRefused'>): Fields => ({
  client_order_id: words(clientOrderId),
  is_conflict: flag(isConflict),
});

const reported = ({ executionId, report, why }: Fact<'ReportUnmatched'>): Fields => ({
  execution_id: wordsOr(executionId),
  report: words(report),
  why: words(why),
});

const limited = ({ limits }: Fact<'LimitsSet'>): Fields => ({
  max_position_size: decimal(limits.positionMax),
  max_daily_volume: decimal(limits.dailyVolumeMax),
  max_net_exposure: decimal(limits.netExposureMax),
  max_gross_exposure: decimal(limits.grossExposureMax),
});

const listed = ({ instrument }: Fact<'InstrumentListed'>): Fields => ({
  symbol: words(instrument.ticker),
  currency: words(instrument.currency),
  tick_size: decimal(instrument.tickSize),
  lot_size: decimal(instrument.lotSize),
});
