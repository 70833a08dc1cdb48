/**
 * Where an order leaves the house. A venue is asked by our order id, and may be asked again: it acts on an id
 * once. Requests on one order reach it in the order they were made, as in a FIX session; so what `history`
 * says of an order that was sent before settles whether it arrived.
 */
import type { VenueReport } from '../core/commands.ts';
import type { OrderType, Side } from '../core/orders/order.ts';
import type { Price, Quantity } from '../core/values/fixed-point.ts';
import type { OrderId, Ticker } from '../core/values/names.ts';

export interface VenueOrder {
  readonly orderId: OrderId;
  readonly ticker: Ticker;
  readonly side: Side;
  readonly type: OrderType;
  /** What is left to execute. */
  readonly quantity: Quantity;
  /** The limit, or a market order's protection: never trade worse. */
  readonly boundPrice: Price;
}

/**
 * All a venue knows of one order: every report it ever made on it, in order. A refused cancel is the answer
 * to a request, not a report on the order, and is not in it: told again later, it would undo a newer cancel.
 */
export interface VenueHistory {
  readonly reports: readonly VenueReport[];
}

export interface Venue {
  readonly name: string;
  /**
   * Sends the order; resolves with the venue's first words (acknowledged or rejected, and fills at once). A
   * second `place` of the same id is answered as the first was and starts nothing.
   * @throws Fault VENUE_UNREACHABLE: the venue verifiably has not seen it
   * @throws Fault VENUE_NO_ANSWER: nobody knows; ask `history`
   */
  place(order: VenueOrder, signal: AbortSignal): Promise<readonly VenueReport[]>;
  /**
   * Asks for the cancel; resolves with `canceled` (again, if it was canceled before) or `cancelRejected`.
   * @throws Fault VENUE_UNREACHABLE or VENUE_NO_ANSWER
   */
  cancel(orderId: OrderId, signal: AbortSignal): Promise<readonly VenueReport[]>;
  /**
   * What the venue knows of the order; undefined: it never saw it. @throws Fault VENUE_UNREACHABLE or
   * VENUE_NO_ANSWER
   */
  history(orderId: OrderId, signal: AbortSignal): Promise<VenueHistory | undefined>;
  /**
   * The house has the order's end on disk and asks of it no more: a venue of bounded memory may forget it. What
   * it was not told this of it must remember, or a `history` of nothing would have the order placed once more.
   */
  mayForget(orderId: OrderId): void;
  /**
   * Calls `listener` with what the venue says unasked (later fills, cancels, expiries). Returns how to stop.
   */
  subscribe(listener: (orderId: OrderId, reports: readonly VenueReport[]) => void): () => void;
}
