/** A market made by hand for the venues' tests. */
import type { OrderType, Side } from '../../core/orders/order.ts';
import { idOf } from '../../core/testing/story.ts';
import { price, quantity } from '../../core/values/fixed-point.ts';
import type { Micros, OrderId, Ticker } from '../../core/values/names.ts';
import { QuoteBoard } from '../../market-data/quote-board.ts';
import type { VenueOrder } from '../venue.ts';

export const APPLE = 'AAPL' as Ticker;

export const boardOf = (): QuoteBoard => new QuoteBoard({ stalenessMs: 60_000, clock: () => 0 as Micros });

/** Shows `bidSize` AAPL at `bid` and `askSize` at `ask`. */
export function show(board: QuoteBoard, bid: string, ask: string, bidSize = '100', askSize = '100'): void {
  board.publish({
    ticker: APPLE,
    bid: price(bid),
    ask: price(ask),
    bidSize: quantity(bidSize),
    askSize: quantity(askSize),
    at: 0 as Micros,
  });
}

export const venueOrder = (
  name: string,
  side: Side,
  units: string,
  bound: string,
  type: OrderType = 'LIMIT',
): VenueOrder => ({
  orderId: idOf(name) as OrderId,
  ticker: APPLE,
  side,
  type,
  quantity: quantity(units),
  boundPrice: price(bound),
});

export const NEVER: AbortSignal = new AbortController().signal;
