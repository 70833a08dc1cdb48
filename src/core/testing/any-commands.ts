/** Whatever a core may be asked, sensible or not: the sequences that its laws are tried on. */
import fc from 'fast-check';
import type { Command, VenueReport } from '../commands.ts';
import type { Order } from '../orders/order.ts';
import { type Price, price, type Quantity, SCALE } from '../values/fixed-point.ts';
import type { ExecutionId, OrderId, Ticker, TradingDate, UserId } from '../values/names.ts';
import { idOf, limitsSet, listed, order, quoteAt } from './story.ts';

/** What a command is about is picked when its turn comes: an order can be filled only once it was placed. */
export type Intent = (past: Past) => Command;

/** What happened so far, as far as a next command may refer to it. */
export interface Past {
  /** Every order that was ever sent, denied and finished ones too. */
  readonly sent: readonly Order[];
  /** Orders that work now. */
  readonly working: readonly OrderId[];
  /** What is left of an order; 0 when it does not work. */
  leavesOf(orderId: OrderId): bigint;
}

export const TICKERS = ['AAPL', 'MSFT', 'BTCUSD'];
const prices = fc.oneof(
  { weight: 40, arbitrary: fc.integer({ min: 9_000, max: 11_000 }).map((cents) => `${cents / 100}`) },
  fc.constantFrom('0.01', '0.02', '0.005', '0', '89999999999.99', '90000000000'),
);
const units = fc.oneof(
  { weight: 40, arbitrary: fc.integer({ min: 1, max: 3_000 }).map(String) },
  { weight: 2, arbitrary: fc.constantFrom('9000', '100000', '1000000') },
  fc.constantFrom('0', '0.5', '0.00000001', '46116860184', '46116860183', '89999999999'),
);
const marks = fc.oneof(
  { weight: 80, arbitrary: fc.integer({ min: 9_000, max: 11_000 }).map((cents) => `${cents / 100}`) },
  fc.constantFrom('0.00000001', '1', '1000', '89999999999.99999999'),
);
const amounts = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('1000000', '10000000', '90000000000') },
  fc.constantFrom('0', '150000'),
);
const sides = fc.constantFrom('BUY', 'SELL');
const users = fc.constantFrom('trader1', 'trader2');
const indexes = fc.nat({ max: 30 });
/** Most often an order that works; else one that was denied or is finished, or that nobody knows. */
const whose = fc.record({
  back: indexes,
  works: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
});

const places: fc.Arbitrary<Intent> = fc
  .record({
    ticker: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...TICKERS) }, fc.constant('NONE')),
    side: sides,
    type: fc.constantFrom('LIMIT', 'LIMIT', 'LIMIT', 'MARKET'),
    quantity: units,
    price: prices,
    user: users,
    account: fc.constantFrom('HOUSE', 'DESK-2'),
    clientOrderId: fc.option(
      indexes.map((n) => `mine-${n % 16}`),
      { nil: '' },
    ),
    quote: fc.option(fc.record({ mark: marks, isFresh: fc.constantFrom(true, true, true, false) }), {
      nil: undefined,
    }),
  })
  .map(({ clientOrderId, quote, ...words }): Intent => {
    return ({ sent }) => ({
      type: 'PlaceOrder',
      order: order(`o${sent.length}`, clientOrderId === '' ? words : { ...words, clientOrderId }),
      quote: quote === undefined ? undefined : quoteAt(quote.mark, quote.isFresh),
    });
  });

interface Whose {
  readonly back: number;
  readonly works: boolean;
}
function orderOf({ sent, working }: Past, { back, works }: Whose): OrderId {
  const found = works ? working[back % working.length] : sent.at(-1 - back)?.orderId;
  return found ?? (idOf('nobody') as OrderId);
}

/** A part of what is left, all of it, too much, or nothing. */
function filling(left: bigint, part: 'half' | 'all' | 'over' | 'none'): Quantity {
  const half = left / 2n;
  const filled = { half: half === 0n ? left : half, all: left, over: left + SCALE, none: 0n };
  return filled[part] as Quantity;
}

const fills = fc.record({
  kind: fc.constant('filled'),
  part: fc.constantFrom('half', 'half', 'all', 'over', 'none'),
  at: marks,
  /** From so few that many come again, for the same order and for others. */
  execution: fc.nat({ max: 200 }),
});
const words = fc
  .constantFrom(
    'acknowledged',
    'acknowledged',
    'acknowledged',
    'rejected',
    'undelivered',
    'canceled',
    'expired',
    'cancelRejected',
  )
  .map((kind) => ({ kind, why: 'the venue says so' }) as VenueReport);

const reports: fc.Arbitrary<Intent> = fc
  .record({
    order: whose,
    said: fc.array(fc.oneof({ weight: 2, arbitrary: fills }, { weight: 1, arbitrary: words }), {
      minLength: 1,
      maxLength: 4,
    }),
  })
  .map(({ order, said }): Intent => {
    return (past) => {
      const orderId = orderOf(past, order);
      const left = past.leavesOf(orderId);
      const heard = said.map((one): VenueReport => {
        if (!('part' in one)) return one;
        const executionId = `x${one.execution}` as ExecutionId;
        return { kind: 'filled', executionId, quantity: filling(left, one.part), price: price(one.at) };
      });
      return { type: 'ReportFromVenue', orderId, reports: heard };
    };
  });

const cancels: fc.Arbitrary<Intent> = fc
  .record({ order: whose, owner: fc.option(users, { nil: undefined }) })
  .map(({ order, owner }): Intent => {
    return (past) => ({
      type: 'CancelOrder',
      orderId: orderOf(past, order),
      owner: owner as UserId | undefined,
    });
  });

const limits: fc.Arbitrary<Intent> = fc
  .record({
    positionMax: amounts,
    dailyVolumeMax: amounts,
    netExposureMax: amounts,
    grossExposureMax: amounts,
  })
  .map((chosen): Intent => {
    const set = limitsSet(chosen);
    return () => {
      if (set.type !== 'LimitsSet') throw new TypeError('limitsSet makes that event');
      return { type: 'SetLimits', limits: set.limits };
    };
  });

const samples: fc.Arbitrary<Intent> = fc
  .array(fc.record({ ticker: fc.constantFrom(...TICKERS), at: marks }), { maxLength: 3 })
  .map((seen): Intent => {
    const sampled = seen.map(({ ticker, at }) => ({ ticker: ticker as Ticker, price: price(at) as Price }));
    return () => ({ type: 'SampleMarks', marks: sampled });
  });

const listings: fc.Arbitrary<Intent> = fc
  .record({ ticker: fc.constantFrom(...TICKERS, 'NEW'), tick: fc.constantFrom('0.01', '0.05') })
  .map(({ ticker, tick }): Intent => {
    const listing = listed(ticker, tick);
    return () => {
      if (listing.type !== 'InstrumentListed') throw new TypeError('listed makes that event');
      return { type: 'ListInstrument', instrument: listing.instrument };
    };
  });

const plain = (command: Command): Intent => {
  return () => command;
};
const halts = fc.constantFrom(
  plain({ type: 'EngageKillSwitch' }),
  plain({ type: 'CloseTrading', why: 'a test' }),
  plain({ type: 'RecordAccess', what: 'LoggedIn', subject: 'trader1' }),
);
const releases = fc.constantFrom(plain({ type: 'ReleaseKillSwitch' }), plain({ type: 'OpenTrading' }));
const days = fc
  .integer({ min: 10, max: 28 })
  .map((day) => plain({ type: 'StartTradingDay', date: `2026-02-${day}` as TradingDate }));

/** Half of it orders, a third of it the venue. */
export const anyIntents: fc.Arbitrary<readonly Intent[]> = fc.array(
  fc.oneof(
    { weight: 40, arbitrary: places },
    { weight: 40, arbitrary: reports },
    { weight: 8, arbitrary: cancels },
    { weight: 6, arbitrary: samples },
    { weight: 2, arbitrary: limits },
    { weight: 4, arbitrary: releases },
    { weight: 2, arbitrary: halts },
    { weight: 2, arbitrary: listings },
    { weight: 1, arbitrary: days },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
);

/** An instrument whose lots are so small that every quantity is on one. */
export const COIN = listed('BTCUSD', '0.01', '0.00000001');
