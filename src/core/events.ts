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

/** An instrument may be traded from here on, or its tick, lot or currency has changed. */
export interface InstrumentListed {
  readonly type: 'InstrumentListed';
  readonly instrument: Instrument;
}
/** An order named an account for the first time. */
export interface AccountOpened {
  readonly type: 'AccountOpened';
  readonly account: AccountId;
}
/** A new trading day: daily volume starts anew with what is working, and so do client order ids. */
export interface TradingDayStarted {
  readonly type: 'TradingDayStarted';
  readonly date: TradingDate;
}
/** The venues are reconciled: orders may come. */
export interface TradingOpened {
  readonly type: 'TradingOpened';
}
/** No order until the venues are reconciled again. */
export interface TradingClosed {
  readonly type: 'TradingClosed';
  readonly why: string;
}
/** What is held or working is valued at these marks: exposures follow the market between orders. */
export interface MarksSampled {
  readonly type: 'MarksSampled';
  readonly marks: readonly MarkSample[];
}

/** Every rule passed and the worst case is reserved; the order is on its way to a venue. */
export interface OrderAccepted {
  readonly type: 'OrderAccepted';
  readonly order: Order;
  /** The instrument's mark from here on: the sampled one; where none was ever seen, the dearest price asked yet. */
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

/** The venue has the order. */
export interface OrderAcknowledged {
  readonly type: 'OrderAcknowledged';
  readonly orderId: OrderId;
}
/** The venue traded the order or a part of it. An execution id counts once, whatever is redelivered. */
export interface OrderFilled {
  readonly type: 'OrderFilled';
  readonly orderId: OrderId;
  readonly executionId: ExecutionId;
  readonly quantity: Quantity;
  readonly price: Price;
}
/** The venue said no. Its reservation is given back. */
export interface OrderRejected {
  readonly type: 'OrderRejected';
  readonly orderId: OrderId;
  readonly why: string;
}
/** The order verifiably never reached a venue, and will not. Its reservation is given back. */
export interface OrderFailed {
  readonly type: 'OrderFailed';
  readonly orderId: OrderId;
  readonly why: string;
}
/** The venue let the order lapse. What was left is given back. */
export interface OrderExpired {
  readonly type: 'OrderExpired';
  readonly orderId: OrderId;
}

/** The venue is asked to cancel; until it answers, the order may still be filled. */
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
/** The venue took the order back. What was left is given back; what was filled stays. */
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

/** These limits are in force from here on: nothing that works already is recalled. */
export interface LimitsSet {
  readonly type: 'LimitsSet';
  readonly limits: Limits;
}
/** All trading is halted: every new order is denied. Cancels are still taken. */
export interface KillSwitchEngaged {
  readonly type: 'KillSwitchEngaged';
}
/** Orders are taken again. */
export interface KillSwitchReleased {
  readonly type: 'KillSwitchReleased';
}
/** Something at the doors that must be attributable; it changes nothing that is traded. */
export interface AccessRecorded {
  readonly type: 'AccessRecorded';
  readonly what: 'LoggedIn' | 'LoginRefused' | 'Exported';
  readonly subject: string;
}
