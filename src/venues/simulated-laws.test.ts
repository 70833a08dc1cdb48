import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VenueReport } from '../core/commands.ts';
import { idOf } from '../core/testing/story.ts';
import type { Price, Quantity } from '../core/values/fixed-point.ts';
import type { Micros, OrderId } from '../core/values/names.ts';
import { SimulatedVenue } from './simulated.ts';
import { APPLE, boardOf, NEVER } from './testing/market.ts';
import type { VenueOrder } from './venue.ts';

type Step =
  | { readonly do: 'quote'; readonly bid: number; readonly spread: number; readonly sizes: [number, number] }
  | {
      readonly do: 'place';
      readonly side: 'BUY' | 'SELL';
      readonly type: 'LIMIT' | 'MARKET';
      readonly quantity: number;
      readonly bound: number;
    }
  | { readonly do: 'placeAgain'; readonly which: number }
  | { readonly do: 'cancel'; readonly which: number };

const size = fc.integer({ min: 1, max: 30 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('quote' as const),
        bid: fc.integer({ min: 90, max: 110 }),
        spread: fc.integer({ min: 0, max: 4 }),
        sizes: fc.tuple(size, size),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('place' as const),
        side: fc.constantFrom('BUY' as const, 'SELL' as const),
        type: fc.constantFrom('LIMIT' as const, 'MARKET' as const),
        quantity: size,
        bound: fc.integer({ min: 88, max: 116 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('placeAgain' as const), which: fc.nat(50) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(50) }) },
  ),
  { maxLength: 60 },
);

interface Shown {
  readonly bid: bigint;
  readonly ask: bigint;
  /** What of the sizes is left, by the side of the orders that take it. */
  readonly left: { BUY: bigint; SELL: bigint };
}

/** Plays steps at a venue, and holds every report against the market that stood when it was made. */
class Watch {
  readonly board = boardOf();
  readonly venue = new SimulatedVenue({ quotes: this.board, session: 'S', seed: 0 });
  readonly orders: VenueOrder[] = [];
  /** Everything said, per order: first words and later ones. */
  readonly said = new Map<OrderId, VenueReport[]>();
  readonly ids = new Set<string>();
  shown: Shown | undefined;

  constructor() {
    this.venue.subscribe((orderId, reports) => this.hear(orderId, reports));
  }

  hear(orderId: OrderId, reports: readonly VenueReport[]): void {
    const order = this.orders.find((each) => each.orderId === orderId);
    if (order === undefined || reports.length === 0) expect.fail('a report on nothing');
    for (const report of reports) if (report.kind === 'filled') this.#checkFill(order, report);
    this.said.set(orderId, [...(this.said.get(orderId) ?? []), ...reports]);
  }

  #checkFill(order: VenueOrder, fill: Extract<VenueReport, { kind: 'filled' }>): void {
    if (this.shown === undefined) expect.fail('a fill without a market');
    expect(this.ids.has(fill.executionId)).toBe(false);
    this.ids.add(fill.executionId);
    expect(fill.quantity > 0n).toBe(true);
    const { bid, ask, left } = this.shown;
    left[order.side] -= fill.quantity;
    expect(left[order.side] >= 0n).toBe(true); // no displayed size is taken twice
    const [best, worst] = order.side === 'BUY' ? [ask, order.boundPrice] : [order.boundPrice, bid];
    expect(fill.price >= best && fill.price <= worst).toBe(true); // nor beyond the bound
    if (order.type === 'MARKET') expect(fill.price).toBe(order.side === 'BUY' ? ask : bid);
  }

  filled(order: VenueOrder): bigint {
    return (this.said.get(order.orderId) ?? []).reduce(
      (sum, report) => (report.kind === 'filled' ? sum + report.quantity : sum),
      0n,
    );
  }
  isCanceled(order: VenueOrder): boolean {
    return (this.said.get(order.orderId) ?? []).some(({ kind }) => kind === 'canceled');
  }
  works(order: VenueOrder): boolean {
    return this.filled(order) < order.quantity && !this.isCanceled(order);
  }

  async play(step: Step, index: number): Promise<void> {
    switch (step.do) {
      case 'quote': {
        const [bidSize, askSize] = step.sizes.map(BigInt) as [Quantity, Quantity];
        const [bid, ask] = [BigInt(step.bid), BigInt(step.bid + step.spread)] as [Price, Price];
        this.shown = { bid, ask, left: { BUY: askSize, SELL: bidSize } };
        this.board.publish({ ticker: APPLE, bid, ask, bidSize, askSize, at: 0 as Micros });
        return;
      }
      case 'place': {
        const order: VenueOrder = {
          orderId: idOf(`L${index}`) as OrderId,
          ticker: APPLE,
          side: step.side,
          type: step.type,
          quantity: BigInt(step.quantity) as Quantity,
          boundPrice: BigInt(step.bound) as Price,
        };
        this.orders.push(order);
        this.hear(order.orderId, await this.venue.place(order, NEVER));
        return;
      }
      case 'placeAgain': {
        const order = this.orders[step.which % this.orders.length];
        if (order === undefined) return;
        const again = await this.venue.place(order, NEVER);
        expect(this.said.get(order.orderId)?.slice(0, again.length)).toEqual(again);
        return;
      }
      case 'cancel': {
        const order = this.orders[step.which % this.orders.length];
        if (order === undefined) return;
        const worked = this.works(order);
        const answer = await this.venue.cancel(order.orderId, NEVER);
        if (worked) this.hear(order.orderId, answer);
        else expect(answer[0]?.kind).toBe(this.isCanceled(order) ? 'canceled' : 'cancelRejected');
      }
    }
  }

  /** What holds after every step. */
  async check(): Promise<void> {
    for (const order of this.orders) {
      expect(this.filled(order) <= order.quantity).toBe(true); // none is over-filled
      const history = await this.venue.history(order.orderId, NEVER);
      expect(history?.reports).toEqual(this.said.get(order.orderId)); // it remembers what it said, all of it
    }
    const working = this.orders.filter((order) => this.works(order));
    expect(this.venue.workingCount).toBe(working.length);
    if (this.shown === undefined) return;
    // Whoever is reached trades: size that is left was within nobody's reach.
    const { bid, ask, left } = this.shown;
    for (const { side, boundPrice } of working) {
      const isReached = side === 'BUY' ? boundPrice >= ask : boundPrice <= bid;
      if (isReached) expect(left[side]).toBe(0n);
    }
  }
}

test('whatever comes: none is over-filled, no size taken twice, no bound broken, no word forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const watch = new Watch();
      for (const [index, step] of all.entries()) {
        await watch.play(step, index);
        await watch.check();
      }
    }),
    { numRuns: 150 },
  );
});

test('whatever rests: a better price is served before a worse, an older order before a younger', async () => {
  const orders = fc.array(fc.record({ bound: fc.integer({ min: 100, max: 105 }), quantity: size }), {
    minLength: 2,
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(orders, fc.integer({ min: 1, max: 200 }), async (all, available) => {
      const watch = new Watch();
      for (const [index, { bound, quantity }] of all.entries()) {
        await watch.play({ do: 'place', side: 'BUY', type: 'LIMIT', quantity, bound }, index);
      }
      await watch.play({ do: 'quote', bid: 98, spread: 2, sizes: [1, available] }, all.length);
      // Array.sort keeps the order of equals, which is that of arrival.
      const queue = watch.orders.toSorted((a, b) => Number(b.boundPrice - a.boundPrice));
      let left = BigInt(available);
      for (const order of queue) {
        const due = order.quantity < left ? order.quantity : left;
        expect(watch.filled(order)).toBe(due);
        left -= due;
      }
    }),
  );
});
