/** While the kill switch is engaged nothing leaves the house but cancels and questions. */
import { describe, expect, test } from 'vitest';
import { buy } from '../core/testing/story.ts';
import { reconcile } from './reconcile.ts';
import { Desk } from './testing/desk.ts';

const started = (options: ConstructorParameters<typeof Desk>[0] = {}): Desk => {
  const desk = new Desk(options);
  desk.router.start();
  return desk;
};
const order = buy('A', '40', '150'); // rests

const engage = (desk: Desk): Promise<void> => desk.turnKillSwitch(true);
const release = (desk: Desk): Promise<void> => desk.turnKillSwitch(false);

/** Engages it as soon as the first order is under way. */
function engageWhenPlacing(desk: Desk): void {
  desk.venue.onCall = (what) => {
    if (what !== 'place') return;
    desk.venue.onCall = () => {};
    void engage(desk);
  };
}

describe('an order that was accepted before, and that the venue does not have, is canceled', () => {
  test('where it had not set out', async () => {
    const desk = started();
    await Promise.all([desk.place(order), engage(desk)]);
    await desk.quiet();
    expect(desk.venue.calls).toEqual([]);
    expect(desk.told(order)).toEqual(['canceled']);
    expect(desk.engine.state.orders.size).toBe(0);
    expect(desk.link.attempts).toBe(0);
  });

  test.each([
    ['unreachable', ['place']],
    ['lostThere', ['place', 'history']],
  ] as const)('where it was %s and waits for another attempt', async (fate, calls) => {
    const desk = started({ link: { backoffMs: [50, 50] } });
    desk.venue.fates.place = [fate];
    engageWhenPlacing(desk);
    await desk.place(order);
    await desk.quiet();
    expect(desk.venue.calls).toEqual(calls);
    expect(desk.told(order)).toEqual(['canceled']);
    expect(desk.link.retries).toBe(0);
  });

  test('where it waits for others to make way', async () => {
    const desk = started({ link: { inFlightMax: 1, timeoutMs: 20 } });
    const second = buy('B', '40', '150');
    desk.venue.fates.place = ['hangs'];
    engageWhenPlacing(desk);
    await Promise.all([desk.place(order), desk.place(second)]);
    await desk.quiet();
    expect(desk.venue.calls).toEqual(['place', 'history']);
    expect(desk.told(order)).toEqual(['acknowledged']);
    expect(desk.told(second)).toEqual(['canceled']);
  });

  test('where the venue lost it with the last life: what is left is not placed again', async () => {
    const old = started();
    const large = buy('L', '150', '151'); // 100 are filled at once
    await old.place(large);
    await old.quiet();
    await old.router.close();
    await engage(old);
    const desk = started({ engine: old.engine, venue: { session: 'S2' } });
    expect(await reconcile(desk.router)).toMatchObject({ total: 1, canceled: 1, placedAgain: 0 });
    expect(desk.venue.calls).toEqual(['history']);
    expect(desk.told(large).slice(2)).toEqual(['canceled']);
    expect(desk.engine.state.orders.size).toBe(0);
  });
});

describe('what the venue may have', () => {
  test('works on, and can be canceled', async () => {
    const desk = started();
    await desk.place(order);
    await desk.quiet();
    await engage(desk);
    await desk.quiet();
    expect(desk.engine.state.orders.size).toBe(1);
    await desk.cancel(order);
    await desk.quiet();
    expect(desk.venue.calls).toEqual(['place', 'cancel']);
    expect(desk.told(order)).toEqual(['acknowledged', 'canceled']);
  });

  test('is asked for: unknown is not failed', async () => {
    const desk = started();
    desk.venue.fates.place = ['lostBack'];
    engageWhenPlacing(desk);
    await desk.place(order);
    await desk.quiet();
    expect(desk.venue.calls).toEqual(['place', 'history']);
    expect(desk.told(order)).toEqual(['acknowledged']);
    expect(desk.simulated.workingCount).toBe(1);
  });
});

test('once it is released, orders go out again', async () => {
  const desk = started();
  await engage(desk);
  await release(desk);
  await desk.place(order);
  await desk.quiet();
  expect(desk.told(order)).toEqual(['acknowledged']);
});

test('an order that waits for another attempt goes out when it is released in time', async () => {
  const desk = started({ link: { backoffMs: [50] } });
  desk.venue.fates.place = ['unreachable'];
  desk.venue.onCall = () => void engage(desk).then(() => release(desk));
  await desk.place(order);
  await desk.quiet();
  expect(desk.venue.calls).toEqual(['place', 'place']);
  expect(desk.told(order)).toEqual(['acknowledged']);
});

test.each([
  ['engaged', [engage], ['canceled']],
  ['released', [engage, release], ['acknowledged']],
] as const)('a start finds it as it was left: %s', async (_, turns, words) => {
  const old = new Desk(); // its router never starts
  await old.place(order);
  for (const each of turns) await each(old);
  const desk = started({ engine: old.engine });
  await reconcile(desk.router);
  expect(desk.told(order)).toEqual(words);
});
