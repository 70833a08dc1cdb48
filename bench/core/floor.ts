/** The ground that the benchmarks trade on: instruments, limits nobody reaches, and orders as the doors make them. */
import type { Command, PlaceOrder, ReportFromVenue } from '../../src/core/commands.ts';
import { decide } from '../../src/core/decide.ts';
import type { Event } from '../../src/core/events.ts';
import { evolve } from '../../src/core/evolve.ts';
import type { Order } from '../../src/core/orders/order.ts';
import { initialState, type State } from '../../src/core/state.ts';
import { notional, price, type Quantity, quantity } from '../../src/core/values/fixed-point.ts';
import {
  type ClientOrderId,
  type CorrelationId,
  type ExecutionId,
  HOUSE_ACCOUNT,
  type OrderId,
  type Ticker,
  type TradingDate,
  type UserId,
} from '../../src/core/values/names.ts';

export const TRADER = 'trader1' as UserId;
const BEYOND_REACH = notional('90000000000');

/** So that no limit is met: each is weighed all the same. */
export const LIMITS = {
  positionMax: BEYOND_REACH,
  dailyVolumeMax: BEYOND_REACH,
  netExposureMax: BEYOND_REACH,
  grossExposureMax: BEYOND_REACH,
};

/** What both sides cross: every buy asks for this or more, every sell for this or less. */
export const MIDDLE = price('100');
const BUY_PRICES = Array.from({ length: 64 }, (_, i) => price((100 + i / 100).toFixed(2)));
const SELL_PRICES = Array.from({ length: 64 }, (_, i) => price((100 - i / 100).toFixed(2)));
const QUOTES = BUY_PRICES.map((mark) => ({ mark, isFresh: true }));
/** A mark holds for this many orders of its instrument: the market moves, but not with every order. */
const ORDERS_A_MARK = 32;
/** Prime, so that orders go round the instruments in no order a cache could guess. */
const STRIDE = 7919;

export const ONE_LOT = quantity('1');

const ZERO = 48;
const HEX = Buffer.from('0123456789abcdef', 'latin1');

/**
 * Makes texts that end in a number of 12 hexadecimal digits. Each is a text of its own, as one that came in over a
 * socket is: no part of a longer one, nothing shared. And cheap, since it is made beside what is measured.
 */
function numbered(before: string): (n: number) => string {
  const bytes = Buffer.from(`${before}000000000000`, 'latin1');
  let longest = bytes.length;
  return (n) => {
    let rest = n;
    let at = bytes.length - 1;
    for (; rest > 0; at--) {
      bytes[at] = HEX[rest & 15] as number;
      rest = Math.floor(rest / 16);
    }
    const begin = at + 1;
    for (; at >= longest; at--) bytes[at] = ZERO; // of a longer number before
    longest = Math.min(longest, begin);
    return bytes.toString('latin1');
  };
}

const orderId = numbered('019c0000-0000-7000-8000-');
const correlationId = numbered('019d0000-0000-7000-8000-');
const clientOrderId = numbered('client-');
const executionId = numbered('X-');

const tickerOf = (i: number): Ticker => `T${i}` as Ticker;

/** What makes trading possible on an empty core. */
export function* groundOf(instruments: number): Generator<Command> {
  for (let i = 0; i < instruments; i++) {
    const steps = { tickSize: price('0.01'), lotSize: ONE_LOT };
    yield { type: 'ListInstrument', instrument: { ticker: tickerOf(i), currency: 'USD', ...steps } };
  }
  yield { type: 'StartTradingDay', date: '2026-01-30' as TradingDate };
  yield { type: 'OpenTrading' };
  yield { type: 'SetLimits', limits: LIMITS };
}

/** A core with `instruments` listed and trading open. */
export function floor(instruments: number): State {
  const state = initialState();
  for (const command of groundOf(instruments)) carryOut(state, command);
  return state;
}

/** Makes orders without end: buys and sells in turn, over all instruments. */
export class OrderFlow {
  readonly #tickers: readonly Ticker[];
  readonly #hasClientIds: boolean;
  #made: number;
  #filled: number;

  /** `from`: the first one's number; those of different numbers never meet. */
  constructor(instruments: number, hasClientIds: boolean, from = 0) {
    this.#made = from;
    this.#filled = from;
    this.#tickers = Array.from({ length: instruments }, (_, i) => tickerOf(i));
    this.#hasClientIds = hasClientIds;
  }

  place(units: Quantity): PlaceOrder {
    const n = this.#made++;
    const round = Math.floor(n / this.#tickers.length);
    const ticker = this.#tickers[(n * STRIDE) % this.#tickers.length] as Ticker;
    const isBuy = (round & 1) === 0;
    const order: Order = {
      orderId: orderId(n) as OrderId,
      correlationId: correlationId(n) as CorrelationId,
      user: TRADER,
      account: HOUSE_ACCOUNT,
      ticker,
      side: isBuy ? 'BUY' : 'SELL',
      type: 'LIMIT',
      quantity: units,
      price: (isBuy ? BUY_PRICES : SELL_PRICES)[n & 63],
      strategy: 'default',
      clientOrderId: this.#hasClientIds ? (clientOrderId(n) as ClientOrderId) : undefined,
    };
    return { type: 'PlaceOrder', order, quote: QUOTES[Math.floor(round / ORDERS_A_MARK) & 63] };
  }

  /** What a venue says that takes the order and fills it whole. */
  report({ order }: PlaceOrder): ReportFromVenue {
    const id = executionId(this.#filled++) as ExecutionId;
    const at = order.price ?? MIDDLE;
    return {
      type: 'ReportFromVenue',
      orderId: order.orderId,
      reports: [
        { kind: 'acknowledged' },
        { kind: 'filled', executionId: id, quantity: order.quantity, price: at },
      ],
    };
  }
}

/** Decides and evolves, as the sequencer does. */
export function carryOut(state: State, command: Command): readonly Event[] {
  const events = decide(state, command);
  for (let i = 0; i < events.length; i++) evolve(state, events[i] as Event);
  return events;
}
