/** All that can be asked of the order core. The sequencer has put ids and marks on before the core sees one. */
import type { Instrument } from './instruments/instrument.ts';
import type { Order } from './orders/order.ts';
import type { Limits } from './risk/limits.ts';
import type { Price, Quantity } from './values/fixed-point.ts';
import type { ExecutionId, OrderId, Ticker, TradingDate, UserId } from './values/names.ts';

export type Command =
  | ListInstrument
  | StartTradingDay
  | OpenTrading
  | CloseTrading
  | SetLimits
  | EngageKillSwitch
  | ReleaseKillSwitch
  | SampleMarks
  | PlaceOrder
  | CancelOrder
  | ReportFromVenue
  | RecordAccess;

export interface ListInstrument {
  readonly type: 'ListInstrument';
  readonly instrument: Instrument;
}
/** Rolls to `date`: the daily volume starts anew with what is working, client order ids may be used again. */
export interface StartTradingDay {
  readonly type: 'StartTradingDay';
  readonly date: TradingDate;
}
/** The venues are reconciled: orders may come. */
export interface OpenTrading {
  readonly type: 'OpenTrading';
}
/** No order until the venues are reconciled again. */
export interface CloseTrading {
  readonly type: 'CloseTrading';
  readonly why: string;
}
export interface SetLimits {
  readonly type: 'SetLimits';
  readonly limits: Limits;
}
export interface EngageKillSwitch {
  readonly type: 'EngageKillSwitch';
}
export interface ReleaseKillSwitch {
  readonly type: 'ReleaseKillSwitch';
}
/** Re-marks what is held or working, so that exposures follow the market between orders. */
export interface SampleMarks {
  readonly type: 'SampleMarks';
  readonly marks: readonly MarkSample[];
}
export interface MarkSample {
  readonly ticker: Ticker;
  readonly price: Price;
}

/** The market as it was seen when the command was stamped. */
export interface SampledQuote {
  /** Midpoint of bid and ask. */
  readonly mark: Price;
  /** Young enough, by the feed's staleness limit, to price a market order. */
  readonly isFresh: boolean;
}
export interface PlaceOrder {
  readonly type: 'PlaceOrder';
  readonly order: Order;
  /** Undefined where no quote was ever seen: a limit order then counts at its own price, or the mark if dearer. */
  readonly quote: SampledQuote | undefined;
  /** It came after its sender's deadline: nobody wants it carried out any more. */
  readonly isLate?: boolean;
}
export interface CancelOrder {
  readonly type: 'CancelOrder';
  readonly orderId: OrderId;
  /** Whose order it must be; undefined where the caller may cancel anyone's. */
  readonly owner: UserId | undefined;
}

/** What a venue said about one order, in the order it said it. */
export interface ReportFromVenue {
  readonly type: 'ReportFromVenue';
  readonly orderId: OrderId;
  readonly reports: readonly VenueReport[];
}
export type VenueReport =
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'rejected'; readonly why: string }
  /** The order verifiably never reached the venue, and will not. */
  | { readonly kind: 'undelivered'; readonly why: string }
  | {
      readonly kind: 'filled';
      readonly executionId: ExecutionId;
      readonly quantity: Quantity;
      readonly price: Price;
    }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'cancelRejected'; readonly why: string };

/** Something at the doors that must be attributable: it changes nothing that is traded. */
export interface RecordAccess {
  readonly type: 'RecordAccess';
  readonly what: 'LoggedIn' | 'LoginRefused' | 'Exported';
  readonly subject: string;
}
