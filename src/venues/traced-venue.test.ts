import { describe, expect, test } from 'vitest';
import type { Event } from '../core/events.ts';
import type { CorrelationId, Micros, Position, UserId } from '../core/values/names.ts';
import type { CommittedBatch, Entry } from '../journal/entry.ts';
import { SPAN, traceIdOf } from '../telemetry/trace-ids.ts';
import type { Span, Tracing } from '../telemetry/tracing.ts';
import { SimulatedVenue } from './simulated.ts';
import { FlakyVenue } from './testing/flaky-venue.ts';
import { boardOf, NEVER, show, venueOrder } from './testing/market.ts';
import { TracedVenue } from './traced-venue.ts';
import { venueContract } from './venue.contract.ts';

const KEPT = '0192f0aa-1234-7abc-8123-012300000001';
const OTHER = '0192f0aa-1234-7abc-8123-0123ffffffff';
const trace = traceIdOf(KEPT);
const order = venueOrder('A', 'BUY', '10', '150');

function floor() {
  const spans: Span[] = [];
  const tracing: Tracing = {
    traceOf: (correlationId) => (correlationId === KEPT ? trace : undefined),
    record: (span) => spans.push(span),
  };
  const board = boardOf();
  show(board, '149', '151');
  const flaky = new FlakyVenue(new SimulatedVenue({ quotes: board, session: 'S1', seed: 1 }));
  const venue = new TracedVenue(flaky, tracing, 'main');
  let tell: (batch: CommittedBatch) => void = () => {};
  venue.follow({
    subscribe: (listener) => {
      tell = listener;
      return () => {};
    },
  });
  const commit = (firstPosition: number, ...entries: readonly Entry[]): void => {
    const count = entries.reduce((sum, { events }) => sum + events.length, 0);
    const lastPosition = (firstPosition + count - 1) as Position;
    tell({ firstPosition: firstPosition as Position, lastPosition, entries });
  };
  return { board, flaky, venue, spans, commit };
}

const entry = (correlationId: string, ...events: readonly unknown[]): Entry => ({
  at: 0 as Micros,
  user: 'trader1' as UserId,
  origin: '127.0.0.1',
  correlationId: correlationId as CorrelationId,
  reason: undefined,
  events: events as readonly Event[],
});
const opened = { type: 'AccountOpened', account: 'HOUSE' };
const accepted = { type: 'OrderAccepted', order: { orderId: order.orderId } };
const cancel = { type: 'CancelRequested', orderId: order.orderId };

venueContract('a venue that is traced', () => {
  const { board, venue } = floor();
  return { venue, show: (bid, ask) => show(board, bid, ask) };
});

describe('a call to the venue', () => {
  test('is a span under the append of the facts that it follows from, wherever in a batch they stand', async () => {
    const { venue, spans, commit } = floor();
    commit(7, entry(OTHER, opened), entry(KEPT, opened, accepted));
    await venue.place(order, NEVER);
    expect(spans).toMatchObject([
      {
        traceId: trace,
        name: 'place order',
        spanId: SPAN.placed(trace, order.orderId),
        parentId: SPAN.appended(trace, 'main', 8),
        attributes: { 'itirp.order_id': order.orderId, 'itirp.attempt': 1 },
        failure: undefined,
      },
    ]);
  });

  test('that fails says so, and the next attempt is another span', async () => {
    const { flaky, venue, spans, commit } = floor();
    commit(1, entry(KEPT, accepted));
    flaky.fates.place.push('unreachable');
    await expect(venue.place(order, NEVER)).rejects.toMatchObject({ code: 'VENUE_UNREACHABLE' });
    await venue.place(order, NEVER);
    expect(spans.map(({ failure }) => failure)).toEqual(['VENUE_UNREACHABLE', undefined]);
    expect(spans.map(({ attributes }) => attributes['itirp.attempt'])).toEqual([1, 2]);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(2);
  });

  test('to cancel belongs to whoever asked for the cancel, not to the order’s own trace', async () => {
    const { venue, spans, commit } = floor();
    commit(1, entry(OTHER, accepted));
    await venue.place(order, NEVER);
    commit(2, entry(KEPT, cancel));
    await venue.cancel(order.orderId, NEVER);
    expect(spans).toMatchObject([{ name: 'cancel order', parentId: SPAN.appended(trace, 'main', 2) }]);
  });

  test('leaves nothing where nobody traces the order, or once it is forgotten', async () => {
    const { venue, spans, commit } = floor();
    commit(1, entry(OTHER, accepted));
    await venue.place(order, NEVER);
    commit(2, entry(KEPT, cancel));
    venue.mayForget(order.orderId);
    await venue.cancel(order.orderId, NEVER);
    expect(spans).toEqual([]);
  });
});
