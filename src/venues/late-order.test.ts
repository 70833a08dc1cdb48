/** An engine that was stopped between its commit and its venue sends nothing before it knows that the shard is still its own. */
import { expect, test } from 'vitest';
import type { Order } from '../core/orders/order.ts';
import { buy, place, quoteAt } from '../core/testing/story.ts';
import { price } from '../core/values/fixed-point.ts';
import { MemoryJournal, MemoryStore } from '../journal/memory.ts';
import { by, openStage, type Stage, settled, stage } from '../sequencer/stage.fixture.ts';
import type { Moment } from '../sequencer/tenure.ts';
import { LinkClosed, VenueLink } from './link.ts';
import { Router } from './router.ts';
import { SimulatedVenue } from './simulated.ts';
import { IMPATIENT } from './testing/desk.ts';
import { FlakyVenue } from './testing/flaky-venue.ts';
import { boardOf, show } from './testing/market.ts';

/** Longer than a proof is good for. */
const LONG_MS = 4_000;

interface Scene extends Stage {
  readonly store: MemoryStore;
  readonly venue: FlakyVenue;
  readonly router: Router;
  /** Commits `order`; `meanwhile` happens before it could leave. */
  send(order: Order, meanwhile?: () => void): Promise<void>;
  stopFor(ms: Partial<Moment>): void;
}

async function scene(): Promise<Scene> {
  const clock = { steadyMs: 0, wallMs: 0 };
  const store = new MemoryStore();
  const it = await openStage({ moment: () => ({ ...clock }) }, new MemoryJournal(store));
  const board = boardOf();
  show(board, '149', '151');
  const venue = new FlakyVenue(new SimulatedVenue({ quotes: board, session: 'S1', seed: 1 }));
  const link = new VenueLink(venue, IMPATIENT);
  const router = new Router({
    engine: it.sequencer,
    venue,
    link,
    onBroken: (error) => it.fatal.push(error),
  });
  router.start();
  return {
    ...it,
    store,
    venue,
    router,
    async send(order, meanwhile = () => {}) {
      const leave = it.sequencer.subscribe(() => meanwhile());
      await it.sequencer.submit(place(order, quoteAt('150')), by);
      leave();
      for (let round = 0; round < 20 || router.busy > 0; round += 1) await settled();
    },
    stopFor({ steadyMs = 0, wallMs = 0 }) {
      clock.steadyMs += steadyMs;
      clock.wallMs += wallMs;
    },
  };
}

test('an order that leaves right after its commit needs no further proof', async () => {
  const { venue, journal, send } = await scene();
  await send(buy('A', '40', '150'));
  expect(venue.calls).toEqual(['place']);
  expect(journal.confirmed).toBe(0);
});

test.each([
  ['the process was stopped', { steadyMs: LONG_MS, wallMs: LONG_MS }],
  ['the machine slept, and its steady clock with it', { wallMs: LONG_MS }],
  ['the wall clock was set back meanwhile', { steadyMs: LONG_MS, wallMs: -LONG_MS }],
])('%s, and the shard is another engine’s since: nothing leaves, and the engine ends', async (_, pause) => {
  const { venue, fatal, sequencer, store, send, stopFor } = await scene();
  await send(buy('A', '40', '150'), () => {
    stopFor(pause);
    void new MemoryJournal(store).claim();
  });
  expect(venue.calls).toEqual([]);
  expect(fatal).toMatchObject([{ code: 'JOURNAL_CONFLICT' }]);
  expect(sequencer.status).toBe('stopped');
});

test('the process was stopped, and nobody took over: the journal is asked once for all, and the orders leave', async () => {
  const { venue, journal, send, sequencer, stopFor } = await scene();
  const both = [buy('B', '40', '150'), buy('C', '40', '150')];
  const first = sequencer.submit(place(both[0] ?? buy('B', '40', '150'), quoteAt('150')), by);
  await send(both[1] ?? buy('C', '40', '150'), () => stopFor({ steadyMs: LONG_MS, wallMs: LONG_MS }));
  await first;
  expect(venue.calls).toEqual(['place', 'place']);
  expect(journal.confirmed).toBe(1);
});

test('the process was stopped while it asked: the answer is too old, and it asks again', async () => {
  const { venue, journal, send, stopFor } = await scene();
  const confirm = journal.confirm.bind(journal);
  journal.confirm = async () => {
    await confirm();
    if (journal.confirmed === 1) stopFor({ steadyMs: LONG_MS });
  };
  await send(buy('A', '40', '150'), () => stopFor({ steadyMs: LONG_MS }));
  expect(venue.calls).toEqual(['place']);
  expect(journal.confirmed).toBe(2);
});

test('the journal does not answer: the order stays until the sequencer has recovered and it is settled', async () => {
  const { venue, journal, router, sequencer, statuses, send, stopFor } = await scene();
  const order = buy('A', '40', '150');
  await send(order, () => {
    stopFor({ steadyMs: LONG_MS });
    journal.isDown = true;
  });
  expect(venue.calls).toEqual([]);
  expect(statuses.at(-1)).toBe('recovering');
  journal.isDown = false;
  await expect.poll(() => sequencer.status).toBe('running');
  expect(await router.settle(order.orderId)).toBe('placedAgain');
  expect(venue.calls).toEqual(['history', 'place']);
});

test('an engine that knows it has stopped sends nothing, however fresh its last proof', async () => {
  const { sequencer } = stage();
  await sequencer.start();
  await sequencer.stop();
  await expect(sequencer.proveOwnership()).rejects.toMatchObject({ code: 'SEQUENCER_STOPPED' });
});

test('an order that waits for its proof keeps nobody from the venue, and its wait ends when the link closes', async () => {
  const board = boardOf();
  const venue = new FlakyVenue(new SimulatedVenue({ quotes: board, session: 'S1', seed: 1 }));
  const link = new VenueLink(venue, { ...IMPATIENT, inFlightMax: 1 });
  const never = new Promise<void>(() => {});
  const order = { ...buy('A', '40', '150'), boundPrice: price('150') };
  const placed = link.place(order, undefined, () => never);
  const outcome = placed.catch((error: unknown) => error);
  await settled();
  expect(link.inFlight).toBe(0);
  expect(await link.cancel(buy('B', '1', '150').orderId)).toMatchObject([{ kind: 'canceled' }]);
  link.close();
  expect(await outcome).toBeInstanceOf(LinkClosed);
  expect(venue.calls).not.toContain('place');
});
