import { expect, test } from 'vitest';
import { buy, filled, sell } from '../core/testing/story.ts';
import { quantity } from '../core/values/fixed-point.ts';
import { Desk } from './testing/desk.ts';
import { NEVER, show, venueOrder } from './testing/market.ts';

const started = (options: ConstructorParameters<typeof Desk>[0] = {}): Desk => {
  const desk = new Desk(options);
  desk.router.start();
  return desk;
};

test('an accepted order goes out, and what the venue says comes back under its conversation', async () => {
  const desk = started();
  const order = buy('A', '40', '151');
  await desk.place(order);
  await desk.quiet();
  expect(desk.told(order)).toEqual(['acknowledged', 'filled 40 at 151']);
  expect(desk.engine.submissions.at(-1)?.by).toEqual({
    user: 'venue:SIM',
    origin: 'venue:SIM',
    correlationId: order.correlationId,
    reason: undefined,
  });
  expect(desk.engine.state.orders.size).toBe(0);
  expect(desk.router.working).toBe(0);
});

test('what the venue says later comes in as well, and the order is forgotten once it is filled', async () => {
  const desk = started();
  const order = sell('A', '150', '150');
  await desk.place(order);
  await desk.quiet();
  expect(desk.router.working).toBe(1);
  show(desk.board, '150', '151');
  await desk.quiet();
  show(desk.board, '150', '151');
  await desk.quiet();
  expect(desk.told(order)).toEqual(['acknowledged', 'filled 100 at 150', 'filled 50 at 150']);
  expect(desk.router.working).toBe(0);
});

test('a fill that overtakes the answer to its order is told after it', async () => {
  const desk = started();
  const place = desk.venue.place.bind(desk.venue);
  desk.venue.place = (order, signal) => {
    const answer = place(order, signal);
    show(desk.board, '149', '150'); // fills it before anyone could hear the answer
    return answer;
  };
  const order = buy('A', '40', '150');
  await desk.place(order);
  await desk.quiet();
  expect(desk.told(order)).toEqual(['acknowledged', 'filled 40 at 150']);
});

test('a cancel goes out, and the order ends', async () => {
  const desk = started();
  const order = buy('A', '40', '150');
  await desk.place(order);
  await desk.quiet();
  await desk.cancel(order);
  await desk.quiet();
  expect(desk.told(order)).toEqual(['acknowledged', 'canceled']);
  expect(desk.engine.state.orders.size).toBe(0);
});

/** Does it as soon as the first order is under way. */
function whenPlacing(desk: Desk, act: () => Promise<void>): void {
  desk.venue.onCall = (what) => {
    if (what !== 'place') return;
    desk.venue.onCall = () => {};
    void act();
  };
}

test('a cancel right behind its order waits until the order is settled', async () => {
  const desk = started();
  desk.venue.fates.place = ['lostBack'];
  const order = buy('A', '40', '150');
  whenPlacing(desk, () => desk.cancel(order));
  await desk.place(order);
  await desk.quiet();
  expect(desk.venue.calls).toEqual(['place', 'history', 'cancel']);
  expect(desk.told(order)).toEqual(['acknowledged', 'canceled']);
});

test.each([
  ['unreachable', ['place']],
  ['lostThere', ['place', 'history']],
] as const)(
  'a cancel of an order that is %s keeps it in the house: no further attempt',
  async (fate, calls) => {
    const desk = started({ link: { backoffMs: [50, 50] } });
    desk.venue.fates.place = [fate];
    const order = buy('A', '40', '150');
    whenPlacing(desk, () => desk.cancel(order));
    await desk.place(order);
    await desk.quiet();
    expect(desk.venue.calls).toEqual(calls);
    expect(desk.told(order)).toEqual(['canceled']);
    expect(desk.link.retries).toBe(0);
    expect(desk.engine.state.orders.size).toBe(0);
  },
);

test('a cancel before its order has left keeps it in the house', async () => {
  const desk = started({ link: { inFlightMax: 1, timeoutMs: 20 } });
  const first = buy('A', '40', '150');
  const second = buy('B', '40', '150');
  desk.venue.fates.place = ['hangs'];
  whenPlacing(desk, () => desk.cancel(second));
  await Promise.all([desk.place(first), desk.place(second)]);
  await desk.quiet();
  expect(await desk.history(second.orderId)).toBeUndefined();
  expect(desk.told(second)).toEqual(['canceled']);
});

test('a cancel that comes too late brings the fill, and no refusal after it', async () => {
  const desk = started();
  const order = buy('A', '40', '150');
  await desk.place(order);
  await desk.quiet();
  await desk.cancel(order);
  show(desk.board, '149', '150'); // before the cancel is under way
  await desk.quiet();
  expect(desk.told(order)).toContain('filled 40 at 150');
  expect(desk.told(order)).not.toContain('cancelRejected');
  expect(desk.engine.state.orders.size).toBe(0);
});

test('fills that a busy sequencer keeps waiting are told before the cancel that came after them', async () => {
  const desk = started();
  const order = buy('A', '40', '150');
  await desk.place(order);
  await desk.quiet();
  await desk.cancel(order);
  desk.engine.busyFor = 3;
  show(desk.board, '149', '150', '100', '10');
  show(desk.board, '149', '150', '100', '5');
  await desk.quiet();
  const words = ['acknowledged', 'filled 10 at 150', 'filled 5 at 150', 'canceled'];
  expect(desk.told(order)).toEqual(words);
  expect(desk.engine.state.orders.size).toBe(0);
});

test('once a word is lost, no later word is told before the order is settled', async () => {
  const desk = started();
  const order = buy('A', '40', '150');
  await desk.place(order);
  await desk.quiet();
  desk.engine.isStopped = true;
  show(desk.board, '149', '150', '100', '10');
  await desk.quiet();
  desk.engine.isStopped = false;
  desk.venue.say(order.orderId, [{ kind: 'canceled' }]); // told now, it would end the order without its fill
  await desk.quiet();
  expect(desk.told(order)).toEqual(['acknowledged']);
  expect(desk.router.leftToReconciliation).toBe(2);
});

test('once a word is lost, a cancel settles the order: the fill first, the cancel after it', async () => {
  const desk = started();
  const order = buy('A', '40', '150');
  await desk.place(order);
  await desk.quiet();
  desk.engine.isStopped = true;
  show(desk.board, '149', '150', '100', '10');
  await desk.quiet();
  desk.engine.isStopped = false;
  await desk.cancel(order);
  await desk.quiet();
  expect(desk.told(order).slice(1)).toEqual(['acknowledged', 'filled 10 at 150', 'canceled']);
  expect(desk.engine.facts.some(({ type }) => type === 'ReportUnmatched')).toBe(false);
});

test('a busy sequencer delays a report and loses none', async () => {
  const desk = started();
  const order = buy('A', '40', '151');
  await desk.place(order);
  desk.engine.busyFor = 5;
  await desk.quiet();
  expect(desk.told(order)).toEqual(['acknowledged', 'filled 40 at 151']);
  expect(desk.router.busyWaits).toBe(5);
});

test('a stopped sequencer leaves the report to reconciliation, and nothing breaks', async () => {
  const desk = started();
  const order = buy('A', '40', '151');
  await desk.place(order);
  desk.engine.isStopped = true;
  await desk.quiet();
  expect(desk.told(order)).toEqual([]);
  expect(desk.router.leftToReconciliation).toBe(1);
  expect(desk.broken).toEqual([]);
});

test('what is said of an order that was never met is submitted under a conversation of its own', async () => {
  const desk = started();
  const stranger = buy('X', '5', '150');
  await desk.simulated.place(venueOrder('X', 'BUY', '5', '150'), NEVER);
  show(desk.board, '149', '150');
  await desk.quiet();
  expect(desk.told(stranger)).toEqual(['filled 5 at 150']);
  expect(desk.engine.submissions.at(-1)?.by.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  expect(desk.router.working).toBe(0);
});

test.each([
  ['BUY', '150.01', ['150.01, bound 150']],
  ['BUY', '150', []],
  ['SELL', '149.99', ['149.99, bound 150']],
  ['SELL', '150', []],
] as const)(
  'a %s for 150 that is filled at %s is booked; what is worse than the bound is told',
  async (side, at, told) => {
    const desk = started();
    const order = (side === 'BUY' ? buy : sell)('A', '40', '150');
    await desk.place(order);
    await desk.quiet();
    desk.venue.say(order.orderId, [filled('E1', '10', at)]);
    desk.venue.say(order.orderId, [filled('E1', '10', at)]); // said again it is no news
    await desk.quiet();
    expect(desk.beyondBound).toEqual(told);
    expect(desk.engine.state.orders.get(order.orderId)?.leaves).toBe(quantity('30'));
  },
);

test('an order that was met by reconciliation has its bound as well', async () => {
  const old = new Desk(); // its router never starts
  const order = buy('A', '40', '150');
  await old.place(order);
  const desk = started({ engine: old.engine });
  await desk.router.settle(order.orderId);
  desk.venue.say(order.orderId, [filled('E1', '10', '151')]);
  await desk.quiet();
  expect(desk.beyondBound).toEqual(['151, bound 150']);
});

test('an error that nothing foresees is handed up, and the other orders go on', async () => {
  const desk = started();
  const bug = new TypeError('a bug');
  const place = desk.venue.place.bind(desk.venue);
  let calls = 0;
  desk.venue.place = (order, signal) => {
    calls += 1;
    return calls === 1 ? Promise.reject(bug) : place(order, signal);
  };
  await desk.place(buy('A', '1', '151'));
  await desk.place(buy('B', '1', '151'));
  await desk.quiet();
  expect(desk.broken).toEqual([bug]);
  expect(desk.told(buy('B', '1', '151'))).toEqual(['acknowledged', 'filled 1 at 151']);
});

test('closing ends the waits, and what was in doubt stays open', async () => {
  const desk = started({ link: { inquiryBackoffMs: { first: 60_000, last: 60_000 } } });
  desk.venue.fates.place = ['lostBack'];
  desk.venue.fates.history = ['unreachable'];
  const order = buy('A', '40', '151');
  await desk.place(order);
  await expect.poll(() => desk.link.inDoubt).toBe(1);
  await expect.poll(() => desk.venue.calls).toContain('history');
  await desk.router.close();
  expect(desk.told(order)).toEqual([]);
  expect(desk.engine.state.orders.size).toBe(1);
  expect(desk.router.busy).toBe(0);
});

test('many orders at once all go out, few at a time', async () => {
  const desk = started({ link: { inFlightMax: 4 }, venue: { latencyMs: { min: 0, max: 1 } } });
  let widest = 0;
  desk.venue.onCall = () => {
    widest = Math.max(widest, desk.link.inFlight);
  };
  for (let i = 0; i < 50; i += 1) await desk.place(buy(`M${i}`, '1', '150'));
  await desk.quiet();
  expect(desk.simulated.workingCount).toBe(50);
  expect(widest).toBe(4);
  expect(desk.router.reported).toBe(50);
});
