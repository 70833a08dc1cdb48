import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event } from '../core/events.ts';
import { isFilledInPart, type Order } from '../core/orders/order.ts';
import { order as orderOf } from '../core/testing/story.ts';
import type { OrderId } from '../core/values/names.ts';
import { reconcile } from './reconcile.ts';
import { Desk } from './testing/desk.ts';
import type { Fate } from './testing/flaky-venue.ts';
import { NEVER, show } from './testing/market.ts';
import { TrialEngine } from './testing/trial-engine.ts';

const fates = fc.array(fc.constantFrom<Fate>('works', 'unreachable', 'lostThere', 'lostBack', 'hangs'), {
  maxLength: 12,
});
const at = fc.nat(6);
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('place' as const), isBuy: fc.boolean(), at }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(30) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('quote' as const), at }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('busy' as const), turns: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('turn' as const), isEngaging: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), inDoubt: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('recover' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), fates }) },
  ),
  { maxLength: 25 },
);
type Step = typeof steps extends fc.Arbitrary<(infer Each)[]> ? Each : never;

const PATIENCE = { timeoutMs: 5, breaker: { failuresMax: 5, openMs: 2 } };

/** Plays steps over as many lives of the process as it takes, on one journal. */
class Lives {
  readonly engine = new TrialEngine();
  readonly #orders: Order[] = [];
  desk = new Desk({ engine: this.engine, link: PATIENCE });

  async play(step: Step, index: number): Promise<void> {
    const { engine, desk } = this;
    switch (step.do) {
      case 'place': {
        const side = step.isBuy ? 'BUY' : 'SELL';
        const order = orderOf(`R${index}`, { side, quantity: '70', price: String(147 + step.at) });
        this.#orders.push(order);
        return this.#asClient(() => desk.place(order));
      }
      case 'cancel': {
        const order = this.#orders[step.which % Math.max(1, this.#orders.length)];
        return order === undefined ? undefined : this.#asClient(() => desk.cancel(order));
      }
      case 'quote':
        return show(desk.board, String(147 + step.at), String(148 + step.at));
      case 'busy':
        engine.busyFor = step.turns;
        return;
      case 'wait':
        return desk.quiet();
      case 'turn':
        return this.#asClient(() => desk.turnKillSwitch(step.isEngaging));
      case 'stop':
        if (step.inDoubt) engine.failsNext = true;
        else engine.isStopped = true;
        return;
      case 'recover':
        return this.recover();
      case 'die': {
        await desk.router.close();
        this.desk = new Desk({ engine, link: PATIENCE, venue: { session: `S${index}` } });
        this.desk.venue.fates.place = step.fates;
        this.desk.router.start();
        return this.recover();
      }
    }
  }

  async recover(): Promise<void> {
    this.engine.isStopped = false;
    this.engine.failsNext = false;
    await reconcile(this.desk.router);
  }

  /** A client is told that the sequencer is away, and leaves it at that. */
  async #asClient(ask: () => Promise<void>): Promise<void> {
    this.engine.busyFor = 0;
    await ask().catch((error: { code: string }) => {
      expect(['SEQUENCER_STOPPED', 'JOURNAL_UNAVAILABLE']).toContain(error.code);
    });
  }
}

const filledOf = (facts: readonly Event[], orderId: OrderId): bigint =>
  facts.reduce(
    (sum, event) => (event.type === 'OrderFilled' && event.orderId === orderId ? sum + event.quantity : sum),
    0n,
  );

/** An order is one thing to the core and to the venue: the same fills, and the same left over, if any. */
async function expectAgreement({ engine, desk }: Lives): Promise<void> {
  const { facts, state } = engine;
  expect(facts.filter(({ type }) => type === 'ReportUnmatched')).toEqual([]);
  expect(desk.simulated.workingCount).toBe(state.orders.size);
  expect(desk.router.working).toBe(state.orders.size);
  const booked = new Set(facts.flatMap((fact) => (fact.type === 'OrderFilled' ? [fact.executionId] : [])));
  for (const fact of facts) {
    if (fact.type !== 'OrderAccepted') continue;
    const { orderId, quantity } = fact.order;
    // In this life of the venue: what was filled in an earlier one is in the core alone.
    const history = await desk.simulated.history(orderId, NEVER);
    for (const report of history?.reports ?? []) {
      if (report.kind === 'filled') expect(booked).toContain(report.executionId);
    }
    const filled = filledOf(facts, orderId);
    expect(filled <= quantity).toBe(true);
    const working = state.orders.get(orderId);
    if (working === undefined) continue;
    expect(history).toBeDefined();
    expect(filled + working.leaves).toBe(quantity);
    expect(isFilledInPart(working)).toBe(filled > 0n);
  }
}

test('whatever fails: no order is doubled, none is lost, and core and venue agree in the end', async () => {
  const runs = fc.asyncProperty(fates, fates, fates, steps, async (place, cancel, history, all) => {
    const lives = new Lives();
    Object.assign(lives.desk.venue.fates, { place, cancel, history });
    lives.desk.router.start();
    for (const [index, step] of all.entries()) await lives.play(step, index);
    await lives.desk.quiet();
    await lives.recover();
    await lives.desk.quiet();
    expect(lives.desk.broken).toEqual([]);
    await expectAgreement(lives);
    await lives.desk.router.close();
  });
  await fc.assert(runs, { numRuns: 100 });
}, 60_000);
