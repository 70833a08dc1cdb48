/** Given some facts, when something is asked, then these facts follow: tests of the core read as stories. */
import { expect } from 'vitest';
import type { Command, PlaceOrder, SampledQuote, VenueReport } from '../commands.ts';
import { decide } from '../decide.ts';
import type { Event } from '../events.ts';
import { evolve } from '../evolve.ts';
import type { Instrument } from '../instruments/instrument.ts';
import type { Order, OrderType, Side } from '../orders/order.ts';
import type { Limits } from '../risk/limits.ts';
import { DEFAULT_LIMITS } from '../risk/limits.ts';
import { initialState, type State } from '../state.ts';
import { notional, price, quantity } from '../values/fixed-point.ts';
import {
  type ClientOrderId,
  type CorrelationId,
  type ExecutionId,
  HOUSE_ACCOUNT,
  type OrderId,
  type Ticker,
  type TradingDate,
  type UserId,
} from '../values/names.ts';

/** `T1` → an id that has the shape of a UUID, so that stories stay short. */
export function idOf(name: string): string {
  let hex = '';
  for (const char of name) hex += char.charCodeAt(0).toString(16).padStart(2, '0');
  const padded = hex.padEnd(32, '0').slice(0, 32);
  return [8, 12, 16, 20, 32].map((end, i, ends) => padded.slice(ends[i - 1] ?? 0, end)).join('-');
}

export interface OrderWords {
  readonly side?: Side;
  readonly type?: OrderType;
  readonly quantity?: string;
  readonly price?: string;
  readonly ticker?: string;
  readonly user?: string;
  readonly account?: string;
  readonly clientOrderId?: string;
}

/** A limit buy of 100 AAPL at 150 by trader1, but for what `words` say. */
export function order(name: string, words: OrderWords = {}): Order {
  const type = words.type ?? 'LIMIT';
  return {
    orderId: idOf(name) as OrderId,
    correlationId: idOf(`c${name}`) as CorrelationId,
    user: (words.user ?? 'trader1') as UserId,
    account: words.account === undefined ? HOUSE_ACCOUNT : (words.account as Order['account']),
    ticker: (words.ticker ?? 'AAPL') as Ticker,
    side: words.side ?? 'BUY',
    type,
    quantity: quantity(words.quantity ?? '100'),
    price: type === 'MARKET' ? undefined : price(words.price ?? '150'),
    strategy: 'default',
    clientOrderId: words.clientOrderId as ClientOrderId | undefined,
  };
}

export const buy = (name: string, units: string, at: string, words: OrderWords = {}): Order =>
  order(name, { ...words, side: 'BUY', quantity: units, price: at });
export const sell = (name: string, units: string, at: string, words: OrderWords = {}): Order =>
  order(name, { ...words, side: 'SELL', quantity: units, price: at });

export const quoteAt = (mark: string, isFresh = true): SampledQuote => ({ mark: price(mark), isFresh });

/** At the order's own price unless a quote is named. */
export const place = (order: Order, quote?: SampledQuote): PlaceOrder => ({
  type: 'PlaceOrder',
  order,
  quote,
});

export const report = (order: Order, ...reports: VenueReport[]): Command => ({
  type: 'ReportFromVenue',
  orderId: order.orderId,
  reports,
});
export const acknowledged: VenueReport = { kind: 'acknowledged' };
export const filled = (id: string, units: string, at: string): VenueReport => ({
  kind: 'filled',
  executionId: id as ExecutionId,
  quantity: quantity(units),
  price: price(at),
});

export const listed = (ticker: string, tick = '0.01', lot = '1'): Event => ({
  type: 'InstrumentListed',
  instrument: {
    ticker: ticker as Ticker,
    currency: 'USD',
    tickSize: price(tick),
    lotSize: quantity(lot),
  } satisfies Instrument,
});
export const dayStarted = (date: string): Event => ({ type: 'TradingDayStarted', date: date as TradingDate });
export const limitsSet = (limits: Partial<Record<keyof Limits, string>>): Event => ({
  type: 'LimitsSet',
  limits: {
    ...DEFAULT_LIMITS,
    ...Object.fromEntries(Object.entries(limits).map(([name, text]) => [name, notional(text)])),
  },
});

/** A venue is reconciled, a day has begun, AAPL and MSFT are listed, the default limits are in force. */
export const floor: readonly Event[] = [
  listed('AAPL'),
  listed('MSFT'),
  dayStarted('2026-01-30'),
  { type: 'AccountOpened', account: HOUSE_ACCOUNT },
  { type: 'TradingOpened' },
];

/** Asks `command` of the state and lets what follows happen. */
export function run(state: State, command: Command): readonly Event[] {
  const events = decide(state, command);
  for (const event of events) evolve(state, event);
  return events;
}

export function given(...events: readonly Event[]): Story {
  const state = initialState();
  for (const event of events) evolve(state, event);
  return new Story(state);
}

export class Story {
  readonly state: State;
  #last: readonly Event[] = [];

  constructor(state: State) {
    this.state = state;
  }

  when(...commands: readonly Command[]): this {
    for (const command of commands) this.#last = run(this.state, command);
    return this;
  }

  /** The last command brought about exactly `events`. */
  thenFacts(...events: readonly Event[]): this {
    expect(this.#last).toEqual(events);
    return this;
  }

  /** The last command brought about events of exactly these types. */
  thenTypes(...types: readonly Event['type'][]): this {
    expect(this.#last.map(({ type }) => type)).toEqual(types);
    return this;
  }

  /** The last command was an order denied by exactly these rules. */
  thenDenied(...rules: readonly string[]): this {
    const [event] = this.#last;
    expect(event?.type).toBe('OrderDenied');
    if (event?.type === 'OrderDenied') expect(event.refusals.map(({ rule }) => rule)).toEqual(rules);
    return this;
  }
}
