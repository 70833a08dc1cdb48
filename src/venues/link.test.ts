import { expect, test } from 'vitest';
import type { VenueReport } from '../core/commands.ts';
import { LinkClosed, type LinkOptions, VenueLink } from './link.ts';
import { SimulatedVenue } from './simulated.ts';
import { IMPATIENT, wordsOf } from './testing/desk.ts';
import { FlakyVenue } from './testing/flaky-venue.ts';
import { boardOf, NEVER, show, venueOrder } from './testing/market.ts';

const order = venueOrder('A', 'BUY', '10', '150'); // rests
const words = (reports: readonly VenueReport[]): string[] => reports.map(wordsOf);

function floor(options: Partial<LinkOptions> = {}) {
  const board = boardOf();
  show(board, '149', '151');
  const simulated = new SimulatedVenue({ quotes: board, session: 'S1', seed: 1 });
  const venue = new FlakyVenue(simulated);
  return { board, simulated, venue, link: new VenueLink(venue, { ...IMPATIENT, ...options }) };
}

test('an order that cannot be sent is tried three times, and is undelivered then', async () => {
  const { venue, link, simulated } = floor();
  venue.fates.place = ['unreachable', 'unreachable', 'unreachable'];
  expect(words(await link.place(order))).toEqual(['undelivered']);
  expect(venue.calls).toEqual(['place', 'place', 'place']);
  expect([link.attempts, link.retries, link.undelivered]).toEqual([3, 2, 1]);
  expect(simulated.workingCount).toBe(0);
});

test('an order that gets through at the third attempt is placed once', async () => {
  const { venue, link, simulated } = floor();
  venue.fates.place = ['unreachable', 'unreachable'];
  expect(words(await link.place(order))).toEqual(['acknowledged']);
  expect(simulated.workingCount).toBe(1);
});

test.each(['lostBack', 'hangs'] as const)(
  'an order whose answer is lost (%s) is asked for by its id, not sent again',
  async (fate) => {
    const { venue, link } = floor({ timeoutMs: 10 });
    venue.fates.place = [fate];
    expect(words(await link.place(order))).toEqual(['acknowledged']);
    expect(venue.calls).toEqual(['place', 'history']);
  },
);

test('an answer is timed; a request that never gets one is not', async () => {
  const { venue } = floor();
  const seconds: number[] = [];
  const link = new VenueLink(venue, { ...IMPATIENT, timeoutMs: 10 }, (each) => seconds.push(each));
  venue.fates.place = ['unreachable', 'hangs'];
  expect(words(await link.place(order))).toEqual(['acknowledged']);
  expect(venue.calls).toEqual(['place', 'place', 'history']);
  expect(seconds).toHaveLength(1); // to the question
  expect(seconds[0]).toBeGreaterThanOrEqual(0);
  await link.cancel(order.orderId);
  expect(seconds.length).toBeGreaterThan(1);
});

test('an order that got lost on the way is sent again under the same id', async () => {
  const { venue, link, simulated } = floor();
  venue.fates.place = ['lostThere'];
  expect(words(await link.place(order))).toEqual(['acknowledged']);
  expect(venue.calls).toEqual(['place', 'history', 'place']);
  expect(simulated.workingCount).toBe(1);
});

test('an order that got lost three times, and was asked for each time, is undelivered', async () => {
  const { venue, link } = floor();
  venue.fates.place = ['lostThere', 'lostThere', 'lostThere'];
  const [report] = await link.place(order);
  expect(report).toEqual({
    kind: 'undelivered',
    why: 'the venue did not answer and, asked later, does not know the order',
  });
});

test('an order in doubt stays in doubt until the venue says what became of it', async () => {
  const { venue, link } = floor();
  venue.fates.place = ['lostBack'];
  venue.fates.history = ['unreachable', 'lostBack', 'unreachable', 'lostThere', 'unreachable', 'unreachable'];
  const inDoubt: number[] = [];
  venue.onCall = () => inDoubt.push(link.inDoubt);
  expect(words(await link.place(order))).toEqual(['acknowledged']);
  expect(inDoubt).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
  expect(link.inDoubt).toBe(0);
});

test('a rejection is an answer: it is not tried again', async () => {
  const board = boardOf();
  const venue = new FlakyVenue(new SimulatedVenue({ quotes: board, session: 'S1', seed: 1, rejectRate: 1 }));
  expect(words(await new VenueLink(venue, IMPATIENT).place(order))).toEqual(['rejected']);
  expect(venue.calls).toEqual(['place']);
});

test('five failures in a row open the breaker: orders go undelivered uncalled, cancels get through', async () => {
  const { venue, link } = floor({ breaker: { failuresMax: 5, openMs: 60_000 } });
  await link.place(order);
  venue.fates.place = Array.from({ length: 5 }, () => 'unreachable');
  await link.place(venueOrder('B', 'BUY', '10', '150'));
  expect(link.breaker).toEqual({ status: 'closed', failures: 3, openUntil: undefined });
  const [report] = await link.place(venueOrder('C', 'BUY', '10', '150'));
  expect(link.breaker).toMatchObject({ status: 'open', failures: 5 });
  expect(link.breaker.openUntil).toBeGreaterThan(Date.now() * 1000);
  expect(report).toMatchObject({ kind: 'undelivered', why: expect.stringContaining('left alone') });
  const calls = venue.calls.length;
  expect(words(await link.place(venueOrder('D', 'BUY', '10', '150')))).toEqual(['undelivered']);
  expect(venue.calls).toHaveLength(calls);
  expect(words(await link.cancel(order.orderId))).toEqual(['canceled']);
});

test('after its time the breaker lets one order try, and closes when that works', async () => {
  const { venue, link } = floor({ breaker: { failuresMax: 1, openMs: 1 }, backoffMs: [] });
  venue.fates.place = ['unreachable'];
  await link.place(order);
  await expect.poll(() => link.breaker.status).toBe('half_open');
  expect(words(await link.place(venueOrder('B', 'BUY', '10', '150')))).toEqual(['acknowledged']);
  expect(link.breaker).toEqual({ status: 'closed', failures: 0, openUntil: undefined });
});

test('no answer counts as a failure for the breaker, a rejection does not', async () => {
  const { venue, link } = floor({ breaker: { failuresMax: 2, openMs: 60_000 }, backoffMs: [0] });
  venue.fates.place = ['lostThere', 'lostThere'];
  await link.place(order);
  expect(link.breaker.status).toBe('open');
});

test('a cancel whose answer is lost is asked for: done, or asked again', async () => {
  const { venue, link } = floor();
  await link.place(order);
  venue.fates.cancel = ['lostThere', 'lostBack'];
  expect(words(await link.cancel(order.orderId))).toEqual(['acknowledged', 'canceled']);
  expect(venue.calls).toEqual(['place', 'cancel', 'history', 'cancel', 'history']);
});

test('a cancel that cannot be sent is refused after three attempts: the order works on', async () => {
  const { venue, link, simulated } = floor();
  await link.place(order);
  venue.fates.cancel = ['unreachable', 'unreachable', 'unreachable'];
  expect(words(await link.cancel(order.orderId))).toEqual(['cancelRejected']);
  expect(simulated.workingCount).toBe(1);
});

test('a cancel that is refused brings all that the venue has to say, the refusal last', async () => {
  const { board, link } = floor();
  await link.place(order);
  show(board, '149', '150');
  expect(words(await link.cancel(order.orderId))).toEqual([
    'acknowledged',
    'filled 10 at 150',
    'cancelRejected',
  ]);
});

test('a cancel of what the venue does not know is a cancel: nothing works there', async () => {
  const { link } = floor();
  expect(words(await link.cancel(order.orderId))).toEqual(['canceled']);
});

test('cancels pass the orders that wait before the gate', async () => {
  const { venue, link } = floor({ inFlightMax: 1, timeoutMs: 5 });
  await link.place(order);
  venue.fates.place = ['hangs'];
  const done: string[] = [];
  const all = [
    link.place(venueOrder('B', 'BUY', '1', '150')).then(() => done.push('hanging')),
    link.place(venueOrder('C', 'BUY', '1', '150')).then(() => done.push('order')),
    link.cancel(order.orderId).then(() => done.push('cancel')),
  ];
  expect(link.waiting).toBeGreaterThan(0);
  await Promise.all(all);
  expect(done.indexOf('cancel')).toBeLessThan(done.indexOf('order'));
});

test('closing ends what waits; a call under way comes to its end', async () => {
  const { venue, link } = floor({ backoffMs: [60_000] });
  venue.fates.place = ['unreachable'];
  const waiting = link.place(order);
  await expect.poll(() => venue.calls.length).toBe(1);
  link.close();
  await expect(waiting).rejects.toBeInstanceOf(LinkClosed);
  await expect(link.cancel(order.orderId)).rejects.toBeInstanceOf(LinkClosed);
  expect(await venue.history(order.orderId, NEVER)).toBeUndefined();
});
