/** What venues say, in whatever order and however often they say it, and what the core makes of it. */
import { describe, expect, test } from 'vitest';
import type { VenueReport } from './commands.ts';
import type { Event } from './events.ts';
import type { Order } from './orders/order.ts';
import { positionsOf } from './positions/book.ts';
import { riskMetricsOf } from './risk/metrics.ts';
import type { State } from './state.ts';
import { acknowledged, buy, filled, floor, given, place, report, sell } from './testing/story.ts';
import { formatFixed, nearest, price, quantity } from './values/fixed-point.ts';
import type { ExecutionId, TradingDate } from './values/names.ts';

const bid = buy('B1', '100', '150');
const placed = () => given(...floor).when(place(bid));
const working = () => placed().when(report(bid, acknowledged));
const canceled: VenueReport = { kind: 'canceled' };
const expired: VenueReport = { kind: 'expired' };
const rejected: VenueReport = { kind: 'rejected', why: 'no such market' };
const undelivered: VenueReport = { kind: 'undelivered', why: 'unreachable' };
const cancelRejected: VenueReport = { kind: 'cancelRejected', why: 'too late' };
const cancelOf = ({ orderId }: Order) => ({ type: 'CancelOrder', orderId, owner: undefined }) as const;
const day = (date: string) => ({ type: 'StartTradingDay', date: date as TradingDate }) as const;

const fact = (order: Order, id: string, units: string, at: string): Event => ({
  type: 'OrderFilled',
  orderId: order.orderId,
  executionId: id as ExecutionId,
  quantity: quantity(units),
  price: price(at),
});
const unmatched = (order: Order, id: string, says: string, why: string) => ({
  type: 'ReportUnmatched',
  orderId: order.orderId,
  executionId: id,
  report: says,
  why,
});
const held = (state: State): string => formatFixed(positionsOf(state)[0]?.units ?? 0n);
const reserved = (state: State): string => formatFixed(nearest(riskMetricsOf(state).dailyVolume));
const statusOf = (state: State, { orderId }: Order) => state.orders.get(orderId)?.status;

describe('an execution counts once', () => {
  test('when it is delivered again', () => {
    const story = working()
      .when(report(bid, filled('E1', '40', '150')))
      .thenFacts(fact(bid, 'E1', '40', '150'))
      .when(report(bid, filled('E1', '40', '150')))
      .thenFacts();
    expect(held(story.state)).toBe('40');
  });

  test('when it comes twice in one message', () => {
    working()
      .when(report(bid, filled('E1', '40', '150'), filled('E1', '40', '150'), filled('E2', '60', '150')))
      .thenFacts(fact(bid, 'E1', '40', '150'), fact(bid, 'E2', '60', '150'));
  });

  test('when it is delivered again after its order is finished', () => {
    working()
      .when(report(bid, filled('E1', '100', '150')))
      .when(report(bid, acknowledged, filled('E1', '100', '150')))
      .thenFacts();
  });

  test('when its id comes again with other figures, or for another order', () => {
    const ask = sell('S1', '100', '151');
    working()
      .when(report(bid, filled('E1', '40', '150')), report(bid, filled('E1', '60', '149')))
      .thenFacts()
      .when(place(ask), report(ask, filled('E1', '40', '151')))
      .thenFacts();
  });

  test('when a venue tells the whole history of an order that has worked for many days', () => {
    const story = working()
      .when(report(bid, filled('E1', '40', '150')))
      .when(day('2026-02-02'), day('2026-02-03'), day('2026-02-04'))
      .when(report(bid, acknowledged, filled('E1', '40', '150'), filled('E2', '10', '150')))
      .thenFacts(fact(bid, 'E2', '10', '150'));
    expect(held(story.state)).toBe('50');
  });
});

describe('a fill that cannot be booked is kept for people to look into', () => {
  test('of an order that nobody knows', () => {
    const story = given(...floor)
      .when(report(bid, filled('E1', '100', '150.5')))
      .thenFacts(unmatched(bid, 'E1', 'filled 100 at 150.5', 'UnknownOrder') as Event);
    expect(held(story.state)).toBe('0');
    story.when(report(bid, filled('E1', '100', '150.5'))).thenFacts(); // once
  });

  test('of more than is left', () => {
    const story = working()
      .when(report(bid, filled('E1', '40', '150'), filled('E2', '60.00000001', '150')))
      .thenFacts(
        fact(bid, 'E1', '40', '150'),
        unmatched(bid, 'E2', 'filled 60.00000001 at 150', 'Overfill') as Event,
      );
    expect(held(story.state)).toBe('40');
    expect(statusOf(story.state, bid)).toBe('PartiallyFilled');
  });

  test('of an order that is finished', () => {
    working()
      .when(report(bid, canceled))
      .when(report(bid, filled('E1', '100', '150')))
      .thenFacts(unmatched(bid, 'E1', 'filled 100 at 150', 'UnknownOrder') as Event);
  });

  test('of nothing', () => {
    working()
      .when(report(bid, filled('E1', '0', '150')))
      .thenFacts(unmatched(bid, 'E1', 'filled 0 at 150', 'OutOfTurn') as Event);
  });

  test.each(['0', '-150'])('for %s: no order is asked for that', (at) => {
    const story = working()
      .when(report(bid, filled('E1', '40', at)))
      .thenFacts(unmatched(bid, 'E1', `filled 40 at ${at}`, 'OutOfTurn') as Event);
    expect(held(story.state)).toBe('0');
    expect(reserved(story.state)).toBe('15000'); // it works on
  });
});

describe('a venue may speak out of turn', () => {
  test('a fill that overtakes its acknowledgement', () => {
    const story = placed()
      .when(report(bid, filled('E1', '40', '150')))
      .when(report(bid, acknowledged))
      .thenFacts();
    expect(statusOf(story.state, bid)).toBe('PartiallyFilled');
  });

  test('everything in one message', () => {
    placed()
      .when(report(bid, acknowledged, filled('E1', '40', '150'), filled('E2', '60', '149.99'), canceled))
      .thenTypes('OrderAcknowledged', 'OrderFilled', 'OrderFilled'); // the cancel found nothing left
  });

  test('an acknowledgement that is repeated is no news', () => {
    working().when(report(bid, acknowledged)).thenFacts();
  });

  test.each([canceled, expired, rejected, undelivered, cancelRejected, acknowledged])(
    '$kind of an order that nobody knows changes nothing',
    (said) => {
      given(...floor)
        .when(report(bid, said))
        .thenFacts();
    },
  );

  test.each([canceled, expired, rejected, undelivered])(
    'after $kind the order is over, and later words find nothing',
    (end) => {
      const story = placed().when(report(bid, end));
      expect(story.state.orders.size).toBe(0);
      story.when(report(bid, acknowledged, canceled, rejected, expired)).thenFacts();
    },
  );
});

describe('the reservation', () => {
  test('is given back when the venue rejects the order', () => {
    const story = placed();
    expect(reserved(story.state)).toBe('15000');
    story
      .when(report(bid, rejected))
      .thenFacts({ type: 'OrderRejected', orderId: bid.orderId, why: 'no such market' });
    expect(reserved(story.state)).toBe('0');
  });

  test('is given back when the order verifiably never arrived', () => {
    const story = placed()
      .when(report(bid, undelivered))
      .thenFacts({ type: 'OrderFailed', orderId: bid.orderId, why: 'unreachable' });
    expect(reserved(story.state)).toBe('0');
  });

  test.each([
    ['rejected', rejected],
    ['undelivered', undelivered],
  ])('of what is left is given back when an order that was taken is %s: the rest is canceled', (_, said) => {
    const story = working().when(report(bid, filled('E1', '40', '150')), report(bid, said));
    story.thenFacts({ type: 'OrderCanceled', orderId: bid.orderId });
    expect(reserved(story.state)).toBe('6000'); // what was filled stays
    expect(held(story.state)).toBe('40');
  });

  test('of what is left is given back when the order expires', () => {
    const story = working()
      .when(report(bid, filled('E1', '40', '150')), report(bid, expired))
      .thenFacts({ type: 'OrderExpired', orderId: bid.orderId });
    expect(reserved(story.state)).toBe('6000');
  });

  test('follows the price that was paid: below the limit it frees volume', () => {
    const story = working().when(report(bid, filled('E1', '100', '149')));
    expect(reserved(story.state)).toBe('14900');
  });

  test('follows the price that was paid: worse than promised it is counted in full, though over a limit', () => {
    const story = working().when(report(bid, filled('E1', '100', '160')));
    expect(reserved(story.state)).toBe('16000');
  });
});

describe('a cancel', () => {
  test('is pending until the venue has spoken, and then the order is over', () => {
    const story = working().when(cancelOf(bid)).thenFacts({ type: 'CancelRequested', orderId: bid.orderId });
    expect(statusOf(story.state, bid)).toBe('PendingCancel');
    expect(reserved(story.state)).toBe('15000'); // it may still be filled
    story.when(report(bid, canceled)).thenFacts({ type: 'OrderCanceled', orderId: bid.orderId });
    expect(reserved(story.state)).toBe('0');
  });

  test('that a fill crosses on the wire cancels the rest', () => {
    const story = working()
      .when(cancelOf(bid))
      .when(report(bid, filled('E1', '40', '150')))
      .thenFacts(fact(bid, 'E1', '40', '150'));
    expect(statusOf(story.state, bid)).toBe('PendingCancel');
    story.when(report(bid, canceled)).thenTypes('OrderCanceled');
    expect(held(story.state)).toBe('40');
  });

  test('that the last fill crosses on the wire finds the order filled', () => {
    working()
      .when(cancelOf(bid))
      .when(report(bid, filled('E1', '100', '150')))
      .when(report(bid, cancelRejected))
      .thenFacts();
  });

  test.each([
    ['as it was', 'New', []],
    ['filled in part', 'PartiallyFilled', [filled('E1', '40', '150')]],
  ] as const)('that the venue refuses lets the order work on, %s', (_, status, fills) => {
    const story = working()
      .when(report(bid, ...fills), cancelOf(bid), report(bid, cancelRejected))
      .thenFacts({ type: 'CancelRejected', orderId: bid.orderId, why: 'too late' });
    expect(statusOf(story.state, bid)).toBe(status);
    story.when(cancelOf(bid)).thenTypes('CancelRequested'); // and it may be asked for again
  });

  test('may come before the acknowledgement', () => {
    const story = placed().when(cancelOf(bid)).when(report(bid, acknowledged));
    expect(statusOf(story.state, bid)).toBe('PendingCancel');
    story.when(report(bid, canceled)).thenTypes('OrderCanceled');
  });

  test('of an order that the venue then rejects ends in the rejection', () => {
    placed().when(cancelOf(bid)).when(report(bid, rejected)).thenTypes('OrderRejected');
  });

  test('is refused a second time, for nothing, and for somebody else', () => {
    const { orderId } = bid;
    const notMine = {
      type: 'CancelOrder',
      orderId,
      owner: buy('x', '1', '1', { user: 'trader2' }).user,
    } as const;
    working()
      .when(notMine)
      .thenFacts({ type: 'CancelRefused', orderId, why: 'NotOwner' })
      .when(cancelOf(bid), cancelOf(bid))
      .thenFacts({ type: 'CancelRefused', orderId, why: 'AlreadyPending' })
      .when(report(bid, canceled), cancelOf(bid))
      .thenFacts({ type: 'CancelRefused', orderId, why: 'NotWorking' });
  });
});
