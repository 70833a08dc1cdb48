/** All that can happen, in the past tense. An event says what; when, who and why are sealed on by the journal. */
import type { MarkSample } from './commands.ts';
import type { Instrument } from './instruments/instrument.ts';
import type { Order } from './orders/order.ts';
import type { Limits } from './risk/limits.ts';
import type { Refusal } from './risk/refusal.ts';
import type { Price, Quantity } from './values/fixed-point.ts';
import type { AccountId, ClientOrderId, ExecutionId, OrderId, TradingDate, UserId } from './values/names.ts';

export type Event =
  | InstrumentListed
  | AccountOpened // the ground that orders stand on
  | TradingDayStarted
  | TradingOpened
  | TradingClosed
  | MarksSampled
  | OrderAccepted
  | OrderDenied
  | DuplicateRefused // our own answer to an order
  | OrderAcknowledged
  | OrderFilled
  | OrderRejected
  | OrderFailed
  | OrderExpired // the venue's
  | CancelRequested
  | CancelRefused
  | CancelRejected
  | OrderCanceled
  | ReportUnmatched // what a venue says that fits no order
  | LimitsSet
  | KillSwitchEngaged
  | KillSwitchReleased // the risk manager's hand
  | AccessRecorded;

export type EventType = Event['type'];

export interface InstrumentListed {
  readonly type: 'InstrumentListed';
  readonly instrument: Instrument;
}
/** An order named an account for the first time. */
export interface AccountOpened {
  readonly type: 'AccountOpened';
  readonly account: AccountId;
}
export interface TradingDayStarted {
  readonly type: 'TradingDayStarted';
  readonly date: TradingDate;
}
export interface TradingOpened {
  readonly type: 'TradingOpened';
}
export interface TradingClosed {
  readonly type: 'TradingClosed';
  readonly why: string;
}
export interface MarksSampled {
  readonly type: 'MarksSampled';
  readonly marks: readonly MarkSample[];
}

/** Every rule passed and the worst case is reserved; the order is on its way to a venue. */
export interface OrderAccepted {
  readonly type: 'OrderAccepted';
  readonly order: Order;
  /** The instrument's mark from here on: the sampled one, or the order's own price where none was ever seen. */
  readonly mark: Price;
  /** What the daily volume reserves per unit: the worse of the mark and what the order may trade at. */
  readonly reservePrice: Price;
  /** The worst price the venue may trade it at: the limit, or a market order's protection. */
  readonly boundPrice: Price;
}
/** Our own rules said no and no venue saw the order. A venue's no is another fact: OrderRejected. */
export interface OrderDenied {
  readonly type: 'OrderDenied';
  readonly order: Order;
  readonly refusals: readonly Refusal[];
}
/** A client order id came again. `isConflict`: with other content than the first time. */
export interface DuplicateRefused {
  readonly type: 'DuplicateRefused';
  readonly user: UserId;
  readonly clientOrderId: ClientOrderId;
  readonly firstOrderId: OrderId;
  readonly isConflict: boolean;
}

export interface OrderAcknowledged {
  readonly type: 'OrderAcknowledged';
  readonly orderId: OrderId;
}
export interface OrderFilled {
  readonly type: 'OrderFilled';
  readonly orderId: OrderId;
  readonly executionId: ExecutionId;
  readonly quantity: Quantity;
  readonly price: Price;
}
export interface OrderRejected {
  readonly type: 'OrderRejected';
  readonly orderId: OrderId;
  readonly why: string;
}
export interface OrderFailed {
  readonly type: 'OrderFailed';
  readonly orderId: OrderId;
  readonly why: string;
}
export interface OrderExpired {
  readonly type: 'OrderExpired';
  readonly orderId: OrderId;
}

export interface CancelRequested {
  readonly type: 'CancelRequested';
  readonly orderId: OrderId;
}
/** We said no to a cancel: there is no such working order, it is not the caller's, or one is pending already. */
export interface CancelRefused {
  readonly type: 'CancelRefused';
  readonly orderId: OrderId;
  readonly why: 'NotWorking' | 'NotOwner' | 'AlreadyPending';
}
/** The venue said no to a cancel: the order works on. */
export interface CancelRejected {
  readonly type: 'CancelRejected';
  readonly orderId: OrderId;
  readonly why: string;
}
export interface OrderCanceled {
  readonly type: 'OrderCanceled';
  readonly orderId: OrderId;
}
/** A venue reported what cannot be applied (an unknown order, more than was open): kept for people to look at. */
export interface ReportUnmatched {
  readonly type: 'ReportUnmatched';
  readonly orderId: OrderId;
  /** Of the fill that does not fit; undefined for other reports. */
  readonly executionId: ExecutionId | undefined;
  /** The report in words: `filled 100 at 150.5`. */
  readonly report: string;
  readonly why: 'UnknownOrder' | 'Overfill' | 'OutOfTurn';
}

export interface LimitsSet {
  readonly type: 'LimitsSet';
  readonly limits: Limits;
}
export interface KillSwitchEngaged {
  readonly type: 'KillSwitchEngaged';
}
export interface KillSwitchReleased {
  readonly type: 'KillSwitchReleased';
}
export interface AccessRecorded {
  readonly type: 'AccessRecorded';
  readonly what: 'LoggedIn' | 'LoginRefused' | 'Exported';
  readonly subject: string;
}
