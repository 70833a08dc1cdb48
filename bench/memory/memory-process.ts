/** A process that fills up with orders, and says how large it has become. Fresh for every question. */
import type { PlaceOrder } from '../../src/core/commands.ts';
import { assert } from '../../src/core/values/assert.ts';
import { quantity } from '../../src/core/values/fixed-point.ts';
import type { Micros, Ticker } from '../../src/core/values/names.ts';
import { QuoteBoard } from '../../src/market-data/quote-board.ts';
import { SystemClock } from '../../src/sequencer/clock.ts';
import { Sequencer } from '../../src/sequencer/sequencer.ts';
import { VenueLink } from '../../src/venues/link.ts';
import { Router } from '../../src/venues/router.ts';
import { SimulatedVenue } from '../../src/venues/simulated.ts';
import { carryOut, floor, groundOf, MIDDLE, ONE_LOT, OrderFlow, TRADER } from '../core/floor.ts';
import { prepare } from '../durable/callers.ts';
import { serve } from '../run/child.ts';
import { ForgetfulJournal } from './forgetful-journal.ts';

export interface Orders {
  /**
   * Traded before the first look, so that what is bounded is full: the venue's memory of finished orders, and the
   * pages that the C library keeps of buffers that came and went.
   */
  readonly before: number;
  /** Denied before the first look: they leave nothing behind but garbage, which fills the young generation once. */
  readonly denied: number;
  readonly orders: number;
}

export interface Growth {
  readonly megabytes: number;
  /** The whole process in the end. */
  readonly totalMegabytes: number;
}

const INSTRUMENTS = 12;
const CALLERS = 1_024;

/** Resident megabytes once all garbage is gone and given back. */
async function settledMegabytes(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage.rss() / 1e6;
}

async function growthOf(work: () => unknown): Promise<Growth> {
  const before = await settledMegabytes();
  await work();
  const after = await settledMegabytes();
  return { megabytes: after - before, totalMegabytes: after };
}

/** An order that nothing is kept of. */
function deny(flow: OrderFlow): PlaceOrder {
  const place = flow.place(ONE_LOT);
  return { ...place, order: { ...place.order, ticker: 'NONE' as Ticker } };
}

/** Orders that the core has seen and forgotten: their ids are all that stays. */
async function finishedInCore({ before, denied, orders }: Orders): Promise<Growth> {
  const state = floor(INSTRUMENTS);
  const flow = new OrderFlow(INSTRUMENTS, true);
  const trade = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const place = flow.place(ONE_LOT);
      carryOut(state, place);
      carryOut(state, flow.report(place));
    }
    assert(state.orders.size === 0, 'every order is finished');
  };
  trade(before);
  for (let i = 0; i < denied; i++) carryOut(state, deny(flow));
  return await growthOf(() => trade(orders));
}

/** The same through sequencer, router and venue: the engine as it runs, but for the disk. */
async function finishedInEngine({ before, denied, orders }: Orders): Promise<Growth> {
  const clock = new SystemClock();
  const onFatal = (error: unknown): void => {
    throw error;
  };
  const journal = new ForgetfulJournal();
  const engine = new Sequencer({ shard: 'bench', journal, snapshots: undefined, clock, onFatal });
  await engine.start();
  await prepare(engine, groundOf(INSTRUMENTS));
  const board = new QuoteBoard({ stalenessMs: 3_600_000, clock: () => clock.now() });
  quoteAll(board, clock.now());
  const venue = new SimulatedVenue({ quotes: board, session: 'bench', seed: 1 });
  const link = new VenueLink(venue, { timeoutMs: 5_000 });
  const router = new Router({ engine, venue, link, onBroken: onFatal });
  router.start();
  const flow = new OrderFlow(INSTRUMENTS, true);
  const submit = async (count: number, next: () => PlaceOrder): Promise<void> => {
    let left = count;
    const call = async (): Promise<void> => {
      while (left-- > 0) {
        const place = next();
        const { correlationId } = place.order;
        await engine.submit(place, { user: TRADER, origin: '127.0.0.1', correlationId, reason: undefined });
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, call));
    while (router.working > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await submit(before, () => flow.place(ONE_LOT));
  await submit(denied, () => deny(flow));
  const growth = await growthOf(() => submit(orders, () => flow.place(ONE_LOT)));
  await router.close();
  venue.close();
  await engine.stop({ snapshot: false });
  return growth;
}

/** A market that fills every order of the flow at once. */
function quoteAll(board: QuoteBoard, at: Micros): void {
  const size = quantity('1000000000');
  for (let i = 0; i < INSTRUMENTS; i++) {
    const ticker = `T${i}` as Ticker;
    board.publish({ ticker, bid: MIDDLE, ask: MIDDLE, bidSize: size, askSize: size, at });
  }
}

/** Orders that work, all at once. */
async function workingInCore({ orders }: Orders): Promise<Growth> {
  const state = floor(INSTRUMENTS);
  const flow = new OrderFlow(INSTRUMENTS, true);
  const growth = await growthOf(() => {
    for (let i = 0; i < orders; i++) carryOut(state, flow.place(ONE_LOT));
  });
  assert(state.orders.size === orders, 'every order works');
  return growth;
}

serve({ finishedInCore, finishedInEngine, workingInCore });
