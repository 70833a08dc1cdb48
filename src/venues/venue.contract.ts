/** What every venue keeps to, in this process or across a wire. Each adapter's test runs it. */
import { describe, expect, test } from 'vitest';
import type { VenueReport } from '../core/commands.ts';
import type { OrderId } from '../core/values/names.ts';
import { NEVER, venueOrder } from './testing/market.ts';
import type { Venue } from './venue.ts';

export interface VenueUnderTest {
  /** Shows 100 AAPL bid at 149 and 100 asked at 151, to begin with. */
  readonly venue: Venue;
  /** Makes the venue show 100 AAPL at these prices anew. */
  readonly show: (bid: string, ask: string) => void;
}

/** `make`: a fresh venue that neither rejects nor fails. */
export function venueContract(name: string, make: () => VenueUnderTest): void {
  describe(`the venue contract, by ${name}`, () => {
    placesOnce(make);
    cancels(make);
    tells(make);
  });
}

const resting = venueOrder('rests', 'BUY', '10', '150');
const trading = venueOrder('trades', 'BUY', '10', '152');
const kindsOf = (reports: readonly VenueReport[] = []): string[] => reports.map(({ kind }) => kind);

function placesOnce(make: () => VenueUnderTest): void {
  test('an order that rests is acknowledged, one that meets the market is filled as well', async () => {
    const { venue } = make();
    expect(kindsOf(await venue.place(resting, NEVER))).toEqual(['acknowledged']);
    expect(kindsOf(await venue.place(trading, NEVER))).toEqual(['acknowledged', 'filled']);
  });

  test('an id is acted on once: placed again it is answered as before, and nothing starts', async () => {
    const { venue } = make();
    const first = await venue.place(trading, NEVER);
    const before = await venue.history(trading.orderId, NEVER);
    expect(await venue.place(trading, NEVER)).toEqual(first);
    expect(await venue.history(trading.orderId, NEVER)).toEqual(before);
  });

  test('an order it never saw has no history', async () => {
    expect(await make().venue.history('nobody' as OrderId, NEVER)).toBeUndefined();
  });

  test('requests on an order arrive in the order they were made', async () => {
    const { venue } = make();
    const placed = venue.place(resting, NEVER);
    const history = venue.history(resting.orderId, NEVER);
    expect((await history)?.reports).toEqual(await placed);
  });
}

function cancels(make: () => VenueUnderTest): void {
  test('a cancel ends the order, as often as it is asked for', async () => {
    const { venue, show } = make();
    await venue.place(resting, NEVER);
    expect(kindsOf(await venue.cancel(resting.orderId, NEVER))).toEqual(['canceled']);
    expect(kindsOf(await venue.cancel(resting.orderId, NEVER))).toEqual(['canceled']);
    show('149', '150');
    const { reports } = (await venue.history(resting.orderId, NEVER)) ?? {};
    expect(kindsOf(reports)).toEqual(['acknowledged', 'canceled']);
  });

  test('a cancel of what is filled, or was never there, is refused and leaves no trace', async () => {
    const { venue } = make();
    await venue.place(trading, NEVER);
    expect(kindsOf(await venue.cancel(trading.orderId, NEVER))).toEqual(['cancelRejected']);
    expect(kindsOf(await venue.cancel('nobody' as OrderId, NEVER))).toEqual(['cancelRejected']);
    const { reports } = (await venue.history(trading.orderId, NEVER)) ?? {};
    expect(kindsOf(reports)).toEqual(['acknowledged', 'filled']);
    expect(await venue.history('nobody' as OrderId, NEVER)).toBeUndefined();
  });
}

function tells(make: () => VenueUnderTest): void {
  test('what it says unasked is in the history as well, and whoever left hears it no more', async () => {
    const { venue, show } = make();
    const told: VenueReport[] = [];
    const heardByNobody: VenueReport[] = [];
    venue.subscribe((_orderId, reports) => told.push(...reports));
    venue.subscribe((_orderId, reports) => heardByNobody.push(...reports))();
    const first = await venue.place(resting, NEVER);
    show('149', '150');
    await expect.poll(() => told.length).toBe(1);
    expect((await venue.history(resting.orderId, NEVER))?.reports).toEqual([...first, ...told]);
    expect(heardByNobody).toEqual([]);
  });

  test('a request given up before it was sent is a fault of the venue, and starts nothing', async () => {
    const { venue } = make();
    await expect(venue.place(resting, AbortSignal.abort())).rejects.toMatchObject({
      code: 'VENUE_UNREACHABLE',
    });
    expect(await venue.history(resting.orderId, NEVER)).toBeUndefined();
  });
}
