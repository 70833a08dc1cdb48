/** Each fact and the rows it becomes, as a table. */
import { expect, test } from 'vitest';
import type { Event } from '../core/events.ts';
import { DEFAULT_LIMITS } from '../core/risk/limits.ts';
import { buy, idOf, listed, order } from '../core/testing/story.ts';
import { notional, type Price, type Product, price, quantity } from '../core/values/fixed-point.ts';
import type {
  AccountId,
  ClientOrderId,
  ExecutionId,
  OrderId,
  TradingDate,
  UserId,
} from '../core/values/names.ts';
import { EVENT_NAMES, expand, type Seen } from './expansion.ts';
import { object, parseExact } from './json-text.ts';

const orderId = idOf('T1') as OrderId;
const why = 'because';

/** 100 ordered, 40 of them filled at 150. */
const working = (isStarted: boolean): Seen => ({
  standing: {
    quantity: quantity('100'),
    filled: quantity('40'),
    filledProduct: (quantity('40') * price('150')) as Product,
    isStarted,
  },
  settlement: {
    holding: { units: 0n, cost: 0n as Product, realised: 0n as Product },
    closed: quantity('10'),
    opened: quantity('20'),
    realised: -1n as Product,
  },
});
const nothing: Seen = { standing: undefined, settlement: undefined };

const fill = (units: string): Event => ({
  type: 'OrderFilled',
  orderId,
  executionId: 'E1' as ExecutionId,
  quantity: quantity(units),
  price: price('151.5'),
});

/** What rows a fact becomes: their types, and what the last one says. */
const rows: readonly [says: string, fact: Event, seen: Seen, types: readonly string[], last: object][] = [
  [
    'an accepted order passes the risk check',
    {
      type: 'OrderAccepted',
      order: buy('T1', '100', '150.5'),
      mark: price('150'),
      reservePrice: price('151'),
      boundPrice: price('150.5'),
    },
    nothing,
    ['ORDER_CREATED', 'RISK_CHECK_STARTED', 'RISK_CHECK_PASSED'],
    { mark: 150, reserve_price: 151, bound_price: 150.5 },
  ],
  [
    'a denied order fails it with every refusal',
    {
      type: 'OrderDenied',
      order: order('T1'),
      refusals: [
        { rule: 'POSITION_LIMIT', observed: notional('2'), limit: notional('1'), reference: price('0.5') },
        { rule: 'KILL_SWITCH_ACTIVE', observed: undefined, limit: undefined, reference: undefined },
      ],
    },
    nothing,
    ['ORDER_CREATED', 'RISK_CHECK_STARTED', 'RISK_CHECK_FAILED'],
    {
      violations: ['POSITION_LIMIT', 'KILL_SWITCH_ACTIVE'],
      refusals: [
        { rule: 'POSITION_LIMIT', observed: 2, limit: 1, reference_price: 0.5 },
        { rule: 'KILL_SWITCH_ACTIVE' },
      ],
    },
  ],
  [
    'a repeated client order id is refused',
    {
      type: 'DuplicateRefused',
      user: 'u' as UserId,
      clientOrderId: 'c1' as ClientOrderId,
      firstOrderId: orderId,
      isConflict: true,
    },
    nothing,
    ['ORDER_DUPLICATE_REFUSED'],
    { client_order_id: 'c1', is_conflict: true },
  ],
  [
    'the acknowledgement starts the execution',
    { type: 'OrderAcknowledged', orderId },
    working(false),
    ['EXECUTION_STARTED'],
    {},
  ],
  [
    'a fill of a part is a partial execution',
    fill('30'),
    working(true),
    ['ORDER_PARTIALLY_EXECUTED'],
    {
      execution_id: 'E1',
      quantity: 30,
      price: 151.5,
      executed_quantity: 70,
      executed_price: 150.64285714,
      leaves_quantity: 30,
      closed_quantity: 10,
      opened_quantity: 20,
      realized_pnl: -1e-16,
    },
  ],
  [
    'a fill of the rest completes it',
    fill('60'),
    working(true),
    ['EXECUTION_COMPLETED'],
    { executed_quantity: 100, leaves_quantity: 0 },
  ],
  [
    'a fill before any acknowledgement starts it too',
    fill('60'),
    working(false),
    ['EXECUTION_STARTED', 'EXECUTION_COMPLETED'],
    { quantity: 60 },
  ],
  [
    "the venue's no fails it",
    { type: 'OrderRejected', orderId, why },
    working(false),
    ['EXECUTION_FAILED'],
    { why, by: 'venue' },
  ],
  [
    'an order that reached no venue failed',
    { type: 'OrderFailed', orderId, why },
    working(false),
    ['EXECUTION_FAILED'],
    { why, by: 'routing' },
  ],
  [
    'an expired order gives up the rest',
    { type: 'OrderExpired', orderId },
    working(true),
    ['ORDER_EXPIRED'],
    { executed_quantity: 40, leaves_quantity: 60 },
  ],
  [
    'a canceled order gives up the rest',
    { type: 'OrderCanceled', orderId },
    working(true),
    ['ORDER_CANCELLED'],
    { executed_quantity: 40, leaves_quantity: 60 },
  ],
  ['a cancel is asked for', { type: 'CancelRequested', orderId }, working(true), ['CANCEL_REQUESTED'], {}],
  [
    'we refuse a cancel',
    { type: 'CancelRefused', orderId, why: 'NotOwner' },
    nothing,
    ['CANCEL_REFUSED'],
    { why: 'NotOwner' },
  ],
  [
    'the venue refuses a cancel',
    { type: 'CancelRejected', orderId, why },
    working(true),
    ['CANCEL_REJECTED'],
    { why },
  ],
  [
    'a report that fits no order is kept',
    {
      type: 'ReportUnmatched',
      orderId,
      executionId: 'E9' as ExecutionId,
      report: 'filled 1 at 1',
      why: 'UnknownOrder',
    },
    nothing,
    ['VENUE_REPORT_UNMATCHED'],
    { execution_id: 'E9', report: 'filled 1 at 1', why: 'UnknownOrder' },
  ],
  [
    'limits are changed',
    { type: 'LimitsSet', limits: { ...DEFAULT_LIMITS, positionMax: notional('12345678901.12345678') } },
    nothing,
    ['LIMITS_CHANGED'],
    { max_daily_volume: 10_000_000, max_net_exposure: 5_000_000, max_gross_exposure: 15_000_000 },
  ],
  ['trading is halted', { type: 'KillSwitchEngaged' }, nothing, ['KILL_SWITCH_ENGAGED'], {}],
  ['trading is released', { type: 'KillSwitchReleased' }, nothing, ['KILL_SWITCH_RELEASED'], {}],
  [
    'a login',
    { type: 'AccessRecorded', what: 'LoggedIn', subject: 'trader1' },
    nothing,
    ['USER_LOGIN'],
    { subject: 'trader1' },
  ],
  [
    'a login refused',
    { type: 'AccessRecorded', what: 'LoginRefused', subject: '"\\' },
    nothing,
    ['LOGIN_REFUSED'],
    { subject: '"\\' },
  ],
  [
    'an export',
    { type: 'AccessRecorded', what: 'Exported', subject: 'trail' },
    nothing,
    ['DATA_EXPORTED'],
    { subject: 'trail' },
  ],
  [
    'an instrument is listed',
    listed('AAPL'),
    nothing,
    ['INSTRUMENT_LISTED'],
    { symbol: 'AAPL', currency: 'USD', tick_size: 0.01, lot_size: 1 },
  ],
  [
    'an account is opened',
    { type: 'AccountOpened', account: 'A1' as AccountId },
    nothing,
    ['ACCOUNT_OPENED'],
    { account: 'A1' },
  ],
  [
    'a trading day starts',
    { type: 'TradingDayStarted', date: '2026-01-30' as TradingDate },
    nothing,
    ['TRADING_DAY_STARTED'],
    { date: '2026-01-30' },
  ],
  ['trading opens', { type: 'TradingOpened' }, nothing, ['TRADING_OPENED'], {}],
  ['trading closes', { type: 'TradingClosed', why }, nothing, ['TRADING_CLOSED'], { why }],
];

test.each(rows)('%s', (_says, fact, seen, types, last) => {
  const links = expand(fact, seen);
  expect(links.map(([type]) => type)).toEqual(types);
  expect(JSON.parse(object(links.at(-1)?.[1] ?? {}))).toMatchObject(last);
});

test('an order is told in full, and a market order without a price', () => {
  const limit = buy('T1', '0.00000001', '150.5', { clientOrderId: 'c1' });
  const market = order('T2', { type: 'MARKET', side: 'SELL' });
  const told = [limit, market].map((asked) => {
    const accepted = { mark: price('1'), reservePrice: price('1'), boundPrice: price('1') };
    return object(expand({ type: 'OrderAccepted', order: asked, ...accepted }, nothing)[0]?.[1] ?? {});
  });
  expect(told).toEqual([
    '{"symbol":"AAPL","side":"BUY","type":"LIMIT","quantity":0.00000001,"price":150.5,"strategy":"default",' +
      '"client_order_id":"c1","account":"HOUSE"}',
    '{"symbol":"AAPL","side":"SELL","type":"MARKET","quantity":100,"strategy":"default","account":"HOUSE"}',
  ]);
});

test('marks are nobody\u2019s act and become no row', () => {
  const marks = [{ ticker: order('T').ticker, price: 1n as Price }];
  expect(expand({ type: 'MarksSampled', marks }, nothing)).toEqual([]);
});

test('every event type of the list is told by some fact, and by no other name', () => {
  expect(new Set(rows.flatMap(([, , , types]) => types))).toEqual(new Set(EVENT_NAMES));
});

test('a fill without a working order is a bug, not a row', () => {
  expect(() => expand(fill('1'), nothing)).toThrow('a fill is of a working order');
});

test('a decimal that no double holds is written and read back to the last digit', () => {
  const exact = '89999999999.12345678';
  const [link] = expand(
    { type: 'LimitsSet', limits: { ...DEFAULT_LIMITS, positionMax: notional(exact) } },
    nothing,
  );
  const text = object(link?.[1] ?? {});
  expect(text).toContain(`"max_position_size":${exact},`);
  expect(JSON.stringify(parseExact(text))).toBe(text);
});
