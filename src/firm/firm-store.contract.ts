/** What every keeper of the firm's side tables must do, held against each adapter. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Instrument } from '../core/instruments/instrument.ts';
import { price, quantity } from '../core/values/fixed-point.ts';
import type { AccountId, Micros, Position, Ticker } from '../core/values/names.ts';
import type { FirmStore } from './firm-store.ts';
import type { ShardView } from './shard-view.ts';
import { sampleView } from './testing/any-view.ts';

const account = (name: string): AccountId => name as AccountId;
const viewAt = (epoch: number, position: number, at = position * 1_000_000): ShardView => ({
  ...sampleView('east'),
  epoch,
  position: position as Position,
  at: at as Micros,
});

const listed = (ticker: string, tick: string): Instrument => ({
  ticker: ticker as Ticker,
  currency: 'USD',
  tickSize: price(tick),
  lotSize: quantity('1'),
});

type Open = () => Promise<FirmStore>;

/** `open` gives an empty store. */
export function firmStoreContract(open: Open): void {
  dealing(open);

  test('the first to propose decides an account’s shard, and nobody changes it', async () => {
    const store = await open();
    expect(await store.assign(account('A'), 'east')).toBe('east');
    expect(await store.assign(account('A'), 'west')).toBe('east');
    const raced = await Promise.all(
      ['east', 'west', 'east', 'west'].map((one) => store.assign(account('B'), one)),
    );
    expect(new Set(raced).size).toBe(1);
    expect(await store.assignments()).toEqual(
      new Map([
        ['A', 'east'],
        ['B', raced[0]],
      ]),
    ); // prettier-ignore
  });

  test('a view comes back as it was kept, and only a newer one takes its place', async () => {
    const store = await open();
    expect(await store.view('east')).toBeUndefined();
    expect(await store.keep(viewAt(1, 10), true)).toBe(true);
    expect(await store.view('east')).toEqual(viewAt(1, 10));
    expect(await store.keep(viewAt(1, 9, 99_000_000), true)).toBe(false);
    expect(await store.keep(viewAt(1, 10, 11_000_000), false)).toBe(true);
    expect(await store.keep(viewAt(2, 9, 12_000_000), true)).toBe(true);
    expect(await store.keep(viewAt(1, 50), true)).toBe(false); // of a writer that was replaced
    expect(await store.view('east')).toEqual(viewAt(2, 9, 12_000_000));
    expect(await store.view('west')).toBeUndefined();
  });

  test('what is listed anywhere is listed once, and a change of steps is a change', async () => {
    const store = await open();
    await store.list('east', [listed('AAPL', '0.01'), listed('MSFT', '0.01')]);
    await store.list('west', [listed('MSFT', '0.05'), listed('GOLD', '0.1')]);
    await store.list('north', [listed('OIL', '1')]);
    await store.list('east', [listed('AAPL', '0.02')]);
    expect(await store.listings(['east', 'west'])).toEqual([
      listed('AAPL', '0.02'),
      listed('GOLD', '0.1'),
      listed('MSFT', '0.05'),
    ]);
  });
}

function dealing(open: Open): void {
  test('limits are dealt out by one at a time, each in turn, also after one that failed', async () => {
    const store = await open();
    let dealing = 0;
    let most = 0;
    const deal = async (name: number): Promise<number> => {
      dealing += 1;
      most = Math.max(most, dealing);
      await turn();
      dealing -= 1;
      if (name === 1) throw new Error('it failed');
      return name;
    };
    const dealt = await Promise.allSettled([0, 1, 2, 3].map((name) => store.dealAlone(() => deal(name))));
    expect(dealt.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(most).toBe(1);
  });

  test('who cannot deal limits out in time is told that others do', async () => {
    const store = await open();
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = store.dealAlone(() => promise);
    const second = store.dealAlone(async () => 'dealt', 1);
    await expect(second).rejects.toMatchObject({ code: 'LIMITS_BUSY' });
    resolve();
    await first;
    expect(await store.dealAlone(async () => 'dealt', 1)).toBe('dealt');
  });
}
