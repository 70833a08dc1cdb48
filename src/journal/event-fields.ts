/**
 * Every event with its tag, its meaning and its fields in the order they are written: the journal's format, version 2.
 * The compiler holds the table complete; docs/events.md is made from it. Rows were written by it, so nothing here may
 * be renumbered, reordered or removed: a change is a new version (codec.ts says how).
 */
import type { Event, EventType } from '../core/events.ts';
import type { Instrument } from '../core/instruments/instrument.ts';
import type { Order } from '../core/orders/order.ts';
import type { Limits } from '../core/risk/limits.ts';
import type { Refusal } from '../core/risk/refusal.ts';

/**
 * How a value is written. `fixed`: an exact integer; `id`: a text of its own; `text`: a text that comes again in a
 * batch, written once; `oneOf`: a word as its number.
 */
export type Plain<T> = [T] extends [boolean]
  ? 'flag'
  : [T] extends [bigint]
    ? 'fixed'
    : [T] extends [string]
      ? 'id' | 'text' | OneOf<T>
      : [T] extends [readonly (infer Item)[]]
        ? { readonly list: Plain<Item> }
        : [T] extends [object]
          ? { readonly fields: Fields<T> }
          : never;
interface OneOf<T extends string> {
  readonly oneOf: Readonly<Record<T, number>>;
}
export type FieldOf<T> = undefined extends T ? { readonly optional: Plain<Exclude<T, undefined>> } : Plain<T>;
/** Each field of `T` exactly once. */
export type Fields<T> = { readonly [Name in keyof T]-?: FieldOf<T[Name]> };

/** Any field, for code that walks the table. */
export type AnyPlain =
  | 'flag'
  | 'fixed'
  | 'id'
  | 'text'
  | { readonly oneOf: Readonly<Record<string, number>> }
  | { readonly list: AnyPlain }
  | { readonly fields: AnyFields };
export type AnyField = AnyPlain | { readonly optional: AnyPlain };
export type AnyFields = Readonly<Record<string, AnyField>>;

/** One event type. */
export interface EventRow<F = AnyFields> {
  /** Its number in the journal. Never used again for another. */
  readonly tag: number;
  /** One sentence for docs/events.md. */
  readonly says: string;
  readonly fields: F;
}

type EventTable = {
  readonly [Type in EventType]: EventRow<Fields<Omit<Extract<Event, { type: Type }>, 'type'>>>;
};

const INSTRUMENT: Fields<Instrument> = {
  ticker: 'text',
  currency: 'text',
  tickSize: 'fixed',
  lotSize: 'fixed',
};

const ORDER: Fields<Order> = {
  orderId: 'id',
  correlationId: 'id',
  user: 'text',
  account: 'text',
  ticker: 'text',
  side: { oneOf: { BUY: 1, SELL: 2 } },
  type: { oneOf: { LIMIT: 1, MARKET: 2 } },
  quantity: 'fixed',
  price: { optional: 'fixed' },
  strategy: 'text',
  clientOrderId: { optional: 'id' },
};

const REFUSAL: Fields<Refusal> = {
  rule: {
    oneOf: {
      KILL_SWITCH_ACTIVE: 1,
      TRADING_CLOSED: 2,
      UNKNOWN_SYMBOL: 3,
      OFF_TICK: 4,
      OFF_LOT: 5,
      NO_FRESH_QUOTE: 6,
      POSITION_LIMIT: 7,
      DAILY_VOLUME_LIMIT: 8,
      NET_EXPOSURE_LIMIT: 9,
      GROSS_EXPOSURE_LIMIT: 10,
      QUANTITY_RANGE: 11,
      DEADLINE_PASSED: 12, // since version 2
    },
  },
  observed: { optional: 'fixed' },
  limit: { optional: 'fixed' },
  reference: { optional: 'fixed' },
};

const LIMITS: Fields<Limits> = {
  positionMax: 'fixed',
  dailyVolumeMax: 'fixed',
  netExposureMax: 'fixed',
  grossExposureMax: 'fixed',
};

export const EVENT_FIELDS: EventTable = {
  InstrumentListed: {
    tag: 1,
    says: 'An instrument may be traded.',
    fields: { instrument: { fields: INSTRUMENT } },
  },
  AccountOpened: { tag: 2, says: 'An account may hold positions.', fields: { account: 'text' } },
  TradingDayStarted: {
    tag: 3,
    says: 'A trading day begins: the daily volume starts anew, client order ids may be used again.',
    fields: { date: 'text' },
  },
  TradingOpened: { tag: 4, says: 'The venues are reconciled and orders may come.', fields: {} },
  TradingClosed: {
    tag: 5,
    says: 'No order may come until trading is opened again.',
    fields: { why: 'text' },
  },
  MarksSampled: {
    tag: 6,
    says: 'What is held or working is valued at these prices from here on.',
    fields: { marks: { list: { fields: { ticker: 'text', price: 'fixed' } } } },
  },
  OrderAccepted: {
    tag: 7,
    says: 'Every rule passed and the worst case is reserved; the order is on its way to a venue.',
    fields: { order: { fields: ORDER }, mark: 'fixed', reservePrice: 'fixed', boundPrice: 'fixed' },
  },
  OrderDenied: {
    tag: 8,
    says: 'Our own rules said no, each that did is named, and no venue saw the order.',
    fields: { order: { fields: ORDER }, refusals: { list: { fields: REFUSAL } } },
  },
  DuplicateRefused: {
    tag: 9,
    says: 'A client order id came again, with the same content or (a conflict) with another.',
    fields: { user: 'text', clientOrderId: 'id', firstOrderId: 'id', isConflict: 'flag' },
  },
  OrderAcknowledged: { tag: 10, says: 'The venue has the order.', fields: { orderId: 'id' } },
  OrderFilled: {
    tag: 11,
    says: 'The venue traded the order, or part of it.',
    fields: { orderId: 'id', executionId: 'id', quantity: 'fixed', price: 'fixed' },
  },
  OrderRejected: { tag: 12, says: 'The venue said no.', fields: { orderId: 'id', why: 'text' } },
  OrderFailed: {
    tag: 13,
    says: 'The order verifiably never reached the venue, and will not.',
    fields: { orderId: 'id', why: 'text' },
  },
  OrderExpired: { tag: 14, says: 'The venue let the order lapse.', fields: { orderId: 'id' } },
  CancelRequested: {
    tag: 15,
    says: 'A cancel is on its way to the venue; the order may still trade.',
    fields: { orderId: 'id' },
  },
  CancelRefused: {
    tag: 16,
    says: 'We said no to a cancel; the order is as it was.',
    fields: { orderId: 'id', why: { oneOf: { NotWorking: 1, NotOwner: 2, AlreadyPending: 3 } } },
  },
  CancelRejected: {
    tag: 17,
    says: 'The venue said no to a cancel; the order works on.',
    fields: { orderId: 'id', why: 'text' },
  },
  OrderCanceled: {
    tag: 18,
    says: 'The order is canceled; what was not filled is released.',
    fields: { orderId: 'id' },
  },
  ReportUnmatched: {
    tag: 19,
    says: 'A venue reported what cannot be applied; it is kept for people to look at.',
    fields: {
      orderId: 'id',
      report: 'text',
      executionId: { optional: 'id' },
      why: { oneOf: { UnknownOrder: 1, Overfill: 2, OutOfTurn: 3 } },
    },
  },
  LimitsSet: {
    tag: 20,
    says: 'The firm trades within these limits from here on.',
    fields: { limits: { fields: LIMITS } },
  },
  KillSwitchEngaged: { tag: 21, says: 'No new order passes until the switch is released.', fields: {} },
  KillSwitchReleased: { tag: 22, says: 'Orders pass again.', fields: {} },
  AccessRecorded: {
    tag: 23,
    says: 'Somebody logged in, was refused, or took data out.',
    fields: { what: { oneOf: { LoggedIn: 1, LoginRefused: 2, Exported: 3 } }, subject: 'text' },
  },
};
