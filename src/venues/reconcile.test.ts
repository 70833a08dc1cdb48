import { describe, expect, test } from 'vitest';
import { buy, sell } from '../core/testing/story.ts';
import { reconcile } from './reconcile.ts';
import { Desk } from './testing/desk.ts';
import { NEVER, show, venueOrder } from './testing/market.ts';

/** A new life: the venue of the old one died with its memory, the facts are still there. */
function reborn(old: Desk, session = 'S2'): Desk {
  const desk = new Desk({ engine: old.engine, venue: { session } });
  desk.router.start();
  return desk;
}
const leavesOf = (desk: Desk): string[] =>
  [...desk.engine.state.orders.values()].map(({ status, leaves }) => `${status} ${leaves / 100_000_000n}`);

function firstLife(): Desk {
  const desk = new Desk();
  desk.router.start();
  return desk;
}

test('with nothing working there is nothing to do', async () => {
  const desk = firstLife();
  const nothing = { total: 0, known: 0, placedAgain: 0, canceled: 0, finished: 0 };
  expect(await reconcile(desk.router)).toEqual(nothing);
});

test('what the venue does not know is placed again under the same id, as much as is left of it', async () => {
  const old = firstLife();
  const order = buy('A', '150', '151'); // 100 are filled at once
  await old.place(order);
  await old.quiet();
  await old.router.close();
  const desk = reborn(old);
  show(desk.board, '149', '152'); // out of reach: it rests
  expect(await reconcile(desk.router)).toMatchObject({ total: 1, placedAgain: 1 });
  expect(leavesOf(desk)).toEqual(['PartiallyFilled 50']);
  show(desk.board, '149', '151');
  await desk.quiet();
  expect(await desk.history(order.orderId)).toEqual(['acknowledged', 'filled 50 at 151']);
  expect(desk.engine.state.orders.size).toBe(0);
  expect(desk.router.working).toBe(0);
});

test('an order that was accepted and never sent is sent', async () => {
  const old = new Desk(); // its router never starts
  await old.place(buy('A', '10', '150'));
  const desk = reborn(old);
  expect(await reconcile(desk.router)).toMatchObject({ placedAgain: 1 });
  expect(leavesOf(desk)).toEqual(['New 10']);
});

test('an order whose cancel was asked for, and that the venue does not know, is canceled', async () => {
  const old = new Desk();
  const order = buy('A', '10', '150');
  await old.place(order);
  await old.cancel(order);
  const desk = reborn(old);
  expect(await reconcile(desk.router)).toMatchObject({ canceled: 1 });
  expect(desk.engine.state.orders.size).toBe(0);
  expect(await desk.history(order.orderId)).toBeUndefined();
});

test('what the venue knows is told again, and only what is news takes effect', async () => {
  const desk = firstLife();
  const order = buy('A', '150', '151');
  await desk.place(order);
  await desk.quiet();
  desk.engine.isStopped = true; // the sequencer recovers; meanwhile the venue goes on
  show(desk.board, '149', '151', '100', '20');
  await desk.quiet();
  desk.engine.isStopped = false;
  expect(leavesOf(desk)).toEqual(['PartiallyFilled 50']);
  expect(await reconcile(desk.router)).toMatchObject({ known: 1 });
  expect(leavesOf(desk)).toEqual(['PartiallyFilled 30']);
  expect(await reconcile(desk.router)).toMatchObject({ known: 1 });
  expect(leavesOf(desk)).toEqual(['PartiallyFilled 30']);
  show(desk.board, '149', '151');
  await desk.quiet();
  expect(desk.engine.state.orders.size).toBe(0);
});

test('a cancel that was asked for and never arrived is asked for again', async () => {
  const desk = firstLife();
  const order = buy('A', '10', '150');
  await desk.place(order);
  await desk.quiet();
  await desk.router.close();
  await desk.cancel(order);
  const heir = new Desk({ engine: desk.engine });
  await heir.simulated.place(venueOrder('A', 'BUY', '10', '150'), NEVER); // as it was, had it lived on
  heir.router.start();
  expect(await reconcile(heir.router)).toMatchObject({ known: 1 });
  expect(heir.engine.state.orders.size).toBe(0);
  expect(heir.simulated.workingCount).toBe(0);
});

test('what the venue says while an order is being settled waits behind its history', async () => {
  const old = new Desk();
  const order = buy('A', '40', '150');
  await old.place(order);
  const desk = reborn(old);
  await desk.simulated.place(venueOrder('A', 'BUY', '40', '150'), NEVER); // as it was, had it lived on
  show(desk.board, '149', '150', '100', '10');
  await desk.quiet();
  desk.venue.onCall = () => desk.venue.say(order.orderId, [{ kind: 'canceled' }]);
  await reconcile(desk.router);
  await desk.quiet();
  expect(desk.told(order)).toEqual(['acknowledged', 'filled 10 at 150', 'canceled']);
});

test('a sequencer that stops meanwhile ends it with its fault, to be begun anew', async () => {
  const old = new Desk();
  await old.place(buy('A', '10', '150'));
  await old.place(sell('B', '10', '150'));
  const desk = reborn(old);
  desk.venue.onCall = () => {
    desk.engine.isStopped = true;
  };
  await expect(reconcile(desk.router)).rejects.toMatchObject({ code: 'SEQUENCER_STOPPED' });
  await desk.quiet();
  desk.venue.onCall = () => {};
  desk.engine.isStopped = false;
  expect(await reconcile(desk.router)).toMatchObject({ total: 2, known: 2 });
  expect(leavesOf(desk)).toEqual(['New 10', 'New 10']);
});

describe('a venue that forgets all it may', () => {
  const forgetful = (): Desk => {
    const desk = new Desk({ venue: { finishedMax: 1 } });
    desk.router.start();
    return desk;
  };
  const fillSome = async (desk: Desk, name: string): Promise<void> => {
    for (let i = 0; i < 5; i += 1) await desk.place(buy(`${name}${i}`, '1', '151'));
    await desk.quiet();
  };

  test('keeps an order whose end the house did not hear, however many end after it', async () => {
    const desk = forgetful();
    const unheard = ['A', 'B', 'C'].map((name) => buy(name, '10', '150'));
    for (const order of unheard) await desk.place(order);
    await desk.quiet();
    desk.engine.isStopped = true;
    show(desk.board, '149', '150'); // fills them, and nobody can be told
    await desk.quiet();
    desk.engine.isStopped = false;
    show(desk.board, '149', '151');
    await fillSome(desk, 'X');
    expect(await reconcile(desk.router)).toMatchObject({ total: 3, known: 3, placedAgain: 0 });
    expect(desk.engine.state.orders.size).toBe(0);
    expect(desk.engine.facts.filter(({ type }) => type === 'OrderFilled')).toHaveLength(3 + 5);
  });

  test('is told of those whose end the house has, and of those it turns out to have', async () => {
    const desk = forgetful();
    await fillSome(desk, 'X');
    expect(await desk.history(buy('X0', '1', '151').orderId)).toBeUndefined();
    const inDoubt = buy('A', '10', '150');
    await desk.place(inDoubt);
    await desk.quiet();
    desk.engine.failsNext = true; // the fill is committed, and nobody hears of that
    show(desk.board, '149', '150');
    await desk.quiet();
    desk.engine.isStopped = false;
    show(desk.board, '149', '151');
    await fillSome(desk, 'Y');
    expect(await desk.history(inDoubt.orderId)).toEqual(['acknowledged', 'filled 10 at 150']);
    expect(await reconcile(desk.router)).toMatchObject({ total: 0 });
    await fillSome(desk, 'Z');
    expect(await desk.history(inDoubt.orderId)).toBeUndefined();
  });
});

test('progress is told, and the whole at the end', async () => {
  const old = new Desk();
  for (let i = 0; i < 5; i += 1) await old.place(buy(`P${i}`, '1', '150'));
  const told: string[] = [];
  await reconcile(reborn(old).router, {
    atATime: 2,
    onProgress: (settled, total) => told.push(`${settled}/${total}`),
  });
  expect(told).toEqual(['5/5']);
});
