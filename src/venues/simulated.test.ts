import { expect, test } from 'vitest';
import type { VenueReport } from '../core/commands.ts';
import { formatFixed } from '../core/values/fixed-point.ts';
import type { OrderId } from '../core/values/names.ts';
import type { QuoteBoard } from '../market-data/quote-board.ts';
import { SimulatedVenue, type SimulatedVenueOptions } from './simulated.ts';
import { boardOf, NEVER, show, venueOrder } from './testing/market.ts';
import { venueContract } from './venue.contract.ts';

function floor(options: Partial<SimulatedVenueOptions> = {}): { board: QuoteBoard; venue: SimulatedVenue } {
  const board = boardOf();
  show(board, '149', '151');
  return { board, venue: new SimulatedVenue({ quotes: board, session: 'S1', seed: 1, ...options }) };
}

for (const latencyMs of [
  { min: 0, max: 0 },
  { min: 1, max: 5 },
]) {
  venueContract(`the simulated venue with ${latencyMs.max} ms of latency`, () => {
    const { board, venue } = floor({ latencyMs });
    return { venue, show: (bid, ask) => show(board, bid, ask) };
  });
}

const words = (reports: readonly VenueReport[] = []): string[] =>
  reports.map((report) =>
    report.kind === 'filled'
      ? `filled ${formatFixed(report.quantity)} at ${formatFixed(report.price)}`
      : report.kind,
  );

async function said(venue: SimulatedVenue, name: string): Promise<string[]> {
  const { orderId } = venueOrder(name, 'BUY', '1', '1');
  return words((await venue.history(orderId, NEVER))?.reports);
}

test.each([
  ['BUY', '151', 'filled 40 at 151'],
  ['BUY', '155', 'filled 40 at 151'],
  ['SELL', '149', 'filled 40 at 149'],
  ['SELL', '140', 'filled 40 at 149'],
] as const)('a %s bound at %s meets the market at its price', async (side, bound, fill) => {
  const { venue } = floor();
  expect(words(await venue.place(venueOrder('A', side, '40', bound), NEVER))).toEqual(['acknowledged', fill]);
  expect(venue.workingCount).toBe(0);
});

test('more than the market shows is filled up to its size, and the rest works on', async () => {
  const { board, venue } = floor();
  await venue.place(venueOrder('A', 'BUY', '250', '151'), NEVER);
  expect(await said(venue, 'A')).toEqual(['acknowledged', 'filled 100 at 151']);
  show(board, '149', '151');
  show(board, '149', '152'); // out of reach
  show(board, '149', '151', '100', '80');
  expect(await said(venue, 'A')).toEqual([
    'acknowledged',
    'filled 100 at 151',
    'filled 100 at 151',
    'filled 50 at 151',
  ]);
});

test('two orders cannot take the same size; a new quote brings new size', async () => {
  const { board, venue } = floor();
  await venue.place(venueOrder('A', 'BUY', '70', '151'), NEVER);
  await venue.place(venueOrder('B', 'BUY', '70', '151'), NEVER);
  expect(await said(venue, 'B')).toEqual(['acknowledged', 'filled 30 at 151']);
  show(board, '149', '151', '100', '25');
  expect(await said(venue, 'B')).toEqual(['acknowledged', 'filled 30 at 151', 'filled 25 at 151']);
});

test('a limit order that rests is filled at its own price when the quote reaches it', async () => {
  const { board, venue } = floor();
  await venue.place(venueOrder('A', 'BUY', '10', '150.50'), NEVER);
  await venue.place(venueOrder('B', 'SELL', '10', '150.60'), NEVER);
  show(board, '149', '150');
  show(board, '151', '152');
  expect(await said(venue, 'A')).toEqual(['acknowledged', 'filled 10 at 150.5']);
  expect(await said(venue, 'B')).toEqual(['acknowledged', 'filled 10 at 150.6']);
});

test('the best price is served first, and at one price the oldest', async () => {
  const { board, venue } = floor();
  for (const [name, bound] of [
    ['old', '150'],
    ['young', '150'],
    ['best', '150.50'],
    ['worst', '149.50'],
  ] as const) {
    await venue.place(venueOrder(name, 'BUY', '60', bound), NEVER);
  }
  show(board, '148', '149', '100', '130');
  expect(await Promise.all(['best', 'old', 'young', 'worst'].map((name) => said(venue, name)))).toEqual([
    ['acknowledged', 'filled 60 at 150.5'],
    ['acknowledged', 'filled 60 at 150'],
    ['acknowledged', 'filled 10 at 150'],
    ['acknowledged'],
  ]);
});

test('a market order trades at the quote, never beyond its bound, and its rest works on', async () => {
  const { board, venue } = floor();
  await venue.place(venueOrder('A', 'BUY', '300', '153', 'MARKET'), NEVER);
  show(board, '149', '154'); // beyond the bound
  show(board, '149', '152', '100', '50');
  show(board, '149', '153');
  expect(await said(venue, 'A')).toEqual([
    'acknowledged',
    'filled 100 at 151',
    'filled 50 at 152',
    'filled 100 at 153',
  ]);
});

test('before the first quote of an instrument, orders rest', async () => {
  const board = boardOf();
  const venue = new SimulatedVenue({ quotes: board, session: 'S1', seed: 1 });
  await venue.place(venueOrder('A', 'SELL', '5', '100', 'MARKET'), NEVER);
  expect(await said(venue, 'A')).toEqual(['acknowledged']);
  show(board, '101', '102');
  expect(await said(venue, 'A')).toEqual(['acknowledged', 'filled 5 at 101']);
});

test('what is canceled trades no more, what was filled before stays', async () => {
  const { board, venue } = floor();
  const order = venueOrder('A', 'BUY', '150', '151');
  await venue.place(order, NEVER);
  await venue.cancel(order.orderId, NEVER);
  show(board, '149', '151');
  expect(await said(venue, 'A')).toEqual(['acknowledged', 'filled 100 at 151', 'canceled']);
});

test('a rejected order is finished, and is rejected again when it comes again', async () => {
  const { venue } = floor({ rejectRate: 1 });
  const order = venueOrder('A', 'BUY', '150', '151');
  expect(words(await venue.place(order, NEVER))).toEqual(['rejected']);
  expect(words(await venue.place(order, NEVER))).toEqual(['rejected']);
  expect(venue.workingCount).toBe(0);
});

test('of the orders that get no answer, some were taken and some never arrived', async () => {
  const { venue } = floor({ noAnswerRate: 0.5 });
  let taken = 0;
  let lost = 0;
  for (let i = 0; i < 100; i += 1) {
    const order = venueOrder(`N${i}`, 'BUY', '1', '150');
    const before = venue.workingCount;
    const code = await venue.place(order, NEVER).then(
      () => 'answered',
      (error: { code: string }) => error.code,
    );
    if (code === 'answered') continue;
    expect(code).toBe('VENUE_NO_ANSWER');
    if (venue.workingCount > before) taken += 1;
    else lost += 1;
  }
  expect(taken).toBeGreaterThan(5);
  expect(lost).toBeGreaterThan(5);
});

test('an order that could not be sent was never there', async () => {
  const { venue } = floor({ unreachableRate: 1 });
  const order = venueOrder('A', 'BUY', '1', '150');
  await expect(venue.place(order, NEVER)).rejects.toMatchObject({ code: 'VENUE_UNREACHABLE' });
  expect(venue.workingCount).toBe(0);
});

test('a request given up on the way is in doubt, and may arrive all the same', async () => {
  const { venue } = floor({ latencyMs: { min: 5, max: 5 } });
  const controller = new AbortController();
  const placed = venue.place(venueOrder('A', 'BUY', '1', '150'), controller.signal);
  controller.abort();
  await expect(placed).rejects.toMatchObject({ code: 'VENUE_NO_ANSWER' });
  await expect.poll(() => venue.workingCount).toBe(1);
});

test('executions carry the session, so that ids of another life of the venue differ', async () => {
  const ids = await Promise.all(
    ['S1', 'S2'].map(async (session) => {
      const { venue } = floor({ session });
      const reports = await venue.place(venueOrder('A', 'BUY', '1', '151'), NEVER);
      return reports.flatMap((report) => (report.kind === 'filled' ? [report.executionId] : []));
    }),
  );
  expect(ids).toEqual([['S1-1'], ['S2-1']]);
});

test('of finished orders that may be forgotten, the newest are remembered, and all others', async () => {
  const { venue } = floor({ rejectRate: 1, finishedMax: 2 });
  const orders = ['A', 'B', 'C', 'D', 'E'].map((name) => venueOrder(name, 'BUY', '1', '150'));
  for (const order of orders) await venue.place(order, NEVER);
  for (const { orderId } of orders.slice(1, 4)) venue.mayForget(orderId);
  venue.mayForget('nobody' as OrderId);
  const known = await Promise.all(orders.map(({ orderId }) => venue.history(orderId, NEVER)));
  expect(known.map((history) => words(history?.reports))).toEqual([
    ['rejected'],
    [],
    ['rejected'],
    ['rejected'],
    ['rejected'],
  ]);
});

test('the same seed, quotes and requests give the same answers', async () => {
  const play = async (seed: number): Promise<unknown[]> => {
    const { board, venue } = floor({ seed, rejectRate: 0.2, noAnswerRate: 0.2, unreachableRate: 0.2 });
    const heard: unknown[] = [];
    venue.subscribe((orderId, reports) => heard.push([orderId, reports]));
    for (let i = 0; i < 200; i += 1) {
      const order = venueOrder(`O${i}`, i % 2 === 0 ? 'BUY' : 'SELL', '7', i % 3 === 0 ? '150' : '151');
      const answer = await venue.place(order, NEVER).catch((error: Error) => error.message);
      heard.push(answer);
      if (i % 10 === 0) show(board, '149', i % 20 === 0 ? '150' : '151');
    }
    return heard;
  };
  expect(await play(7)).toEqual(await play(7));
  expect(await play(7)).not.toEqual(await play(8));
});

test('a closed venue hears no more quotes', async () => {
  const { board, venue } = floor();
  await venue.place(venueOrder('A', 'BUY', '1', '150'), NEVER);
  venue.close();
  show(board, '149', '150');
  expect(await said(venue, 'A')).toEqual(['acknowledged']);
  expect(await venue.history('A' as OrderId, NEVER)).toBeUndefined();
});
