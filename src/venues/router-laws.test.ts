import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event } from '../core/events.ts';
import { isFilledInPart } from '../core/orders/order.ts';
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
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('place' as const), side: fc.boolean(), at: fc.nat(6) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(30) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('quote' as const), at: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('busy' as const), turns: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), fates }) },
);

/** An order is one thing to the core and to the venue: the same fills, and the same left over, if any. */
async function expectAgreement(desk: Desk, events: readonly Event[]): Promise<void> {
  expect(events.filter(({ type }) => type === 'ReportUnmatched')).toEqual([]);
  const { orders } = desk.engine.state;
  expect(desk.simulated.workingCount).toBe(orders.size);
  for (const [orderId, working] of orders) {
    const history = await desk.simulated.history(orderId, NEVER);
    expect(history).toBeDefined();
    // In this life of the venue: what was filled in an earlier one is in the core alone.
    const here = (history?.reports ?? []).flatMap((each) => (each.kind === 'filled' ? [each] : []));
    const ids = new Set(events.flatMap((event) => (event.type === 'OrderFilled' ? [event.executionId] : [])));
    expect(here.every(({ executionId }) => ids.has(executionId))).toBe(true);
    const filled = filledOf(events, orderId);
    expect(filled + working.leaves).toBe(working.order.quantity);
    expect(isFilledInPart(working)).toBe(filled > 0n);
  }
}

const filledOf = (events: readonly Event[], orderId: OrderId): bigint =>
  events.reduce(
    (sum, event) => (event.type === 'OrderFilled' && event.orderId === orderId ? sum + event.quantity : sum),
    0n,
  );

test('whatever fails: no order is doubled, none is lost, and core and venue agree in the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fates,
      fates,
      fates,
      fc.array(step, { maxLength: 25 }),
      async (place, cancel, history, all) => {
        const engine = new TrialEngine();
        const events: Event[] = [];
        engine.subscribe(({ entries }) => events.push(...entries.flatMap((entry) => entry.events)));
        const link = { timeoutMs: 5, breaker: { failuresMax: 5, openMs: 2 } };
        let desk = new Desk({ engine, link });
        Object.assign(desk.venue.fates, { place, cancel, history });
        desk.router.start();
        const orders = [];
        for (const [index, each] of all.entries()) {
          if (each.do === 'place') {
            const side = each.side ? 'BUY' : 'SELL';
            const order = orderOf(`R${index}`, { side, quantity: '70', price: String(147 + each.at) });
            orders.push(order);
            engine.busyFor = 0;
            await desk.place(order);
          } else if (each.do === 'cancel') {
            const order = orders[each.which % Math.max(1, orders.length)];
            engine.busyFor = 0;
            if (order !== undefined) await desk.cancel(order);
          } else if (each.do === 'quote') {
            show(desk.board, String(147 + each.at), String(148 + each.at));
          } else if (each.do === 'busy') {
            engine.busyFor = each.turns;
          } else if (each.do === 'wait') {
            await desk.quiet();
          } else {
            await desk.router.close();
            desk = new Desk({ engine, link, venue: { session: `S${index}` } });
            desk.venue.fates.place = each.fates;
            desk.router.start();
            await reconcile(desk.router);
          }
        }
        await desk.quiet();
        expect(desk.broken).toEqual([]);
        await expectAgreement(desk, events);
        await desk.router.close();
      },
    ),
    { numRuns: 80 },
  );
}, 60_000);
