/** Laws of the firm over its shards: dealing out and summing up lose nothing, and where accounts live changes nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FirmPosition, positionsOf } from '../core/positions/book.ts';
import { averageOf, FLAT, type Holding, settle } from '../core/positions/holding.ts';
import type { Limits } from '../core/risk/limits.ts';
import type { Notional, Price, Product, Quantity } from '../core/values/fixed-point.ts';
import type { Ticker } from '../core/values/names.ts';
import { shareOf, sumOfLimits } from './limit-shares.ts';
import { sumOfMetrics, sumOfPositions } from './sums.ts';

const amount = fc.bigInt({ min: 0n, max: 10n ** 22n });
const anyLimits: fc.Arbitrary<Limits> = fc.record({
  positionMax: amount as fc.Arbitrary<Notional>,
  dailyVolumeMax: amount as fc.Arbitrary<Notional>,
  netExposureMax: amount as fc.Arbitrary<Notional>,
  grossExposureMax: amount as fc.Arbitrary<Notional>,
});

test('the shares of a limit come to the limit exactly, none is negative, and no two differ by much', () => {
  fc.assert(
    fc.property(anyLimits, fc.integer({ min: 1, max: 50 }), (limits, count) => {
      const shares = Array.from({ length: count }, (_, index) => shareOf(limits, index, count));
      expect(sumOfLimits(shares)).toEqual(limits);
      for (const share of shares) {
        expect(share.netExposureMax).toBeGreaterThanOrEqual(0n);
        expect((shares[0] as Limits).netExposureMax - share.netExposureMax).toBeLessThan(BigInt(count));
      }
    }),
  );
});

const TICKERS = ['AAPL', 'MSFT', 'GOLD'] as Ticker[];

interface Fill {
  readonly account: number;
  readonly ticker: Ticker;
  readonly isBuy: boolean;
  readonly quantity: bigint;
  readonly price: bigint;
}

const anyFill: fc.Arbitrary<Fill> = fc.record({
  account: fc.integer({ min: 0, max: 3 }),
  ticker: fc.constantFrom(...TICKERS),
  isBuy: fc.boolean(),
  quantity: fc.bigInt({ min: 1n, max: 10n ** 12n }),
  price: fc.bigInt({ min: 1n, max: 10n ** 12n }),
});

const MARK = 150_00000000n as Price;

/** The positions of a shard with these accounts, as the core sums them. */
function positionsIn(fills: readonly Fill[], accounts: readonly number[]): readonly FirmPosition[] {
  const held = new Map<string, Holding>();
  for (const { account, ticker, isBuy, quantity, price } of fills) {
    if (!accounts.includes(account)) continue;
    const key = `${account} ${ticker}`;
    const paid = (quantity * price) as Product;
    const { holding } = settle(held.get(key) ?? FLAT, isBuy ? 'BUY' : 'SELL', quantity as Quantity, paid);
    held.set(key, holding);
  }
  const state = {
    accounts: new Map(
      accounts.map((account) => [
        account,
        { holdings: { at: (slot: number) => held.get(`${account} ${TICKERS[slot]}`) ?? FLAT } },
      ]),
    ),
    instruments: new Map(TICKERS.map((ticker, slot) => [ticker, { ticker, slot }])),
    firm: { markAt: () => MARK },
  };
  return positionsOf(state as unknown as Parameters<typeof positionsOf>[0]);
}

const byTicker = (positions: readonly FirmPosition[]) =>
  positions.toSorted((a, b) => (a.ticker < b.ticker ? -1 : 1));

test('positions are the same whether the accounts share one shard or are dealt over two', () => {
  fc.assert(
    fc.property(fc.array(anyFill, { maxLength: 30 }), (fills) => {
      const together = positionsIn(fills, [0, 1, 2, 3]);
      const apart = sumOfPositions([positionsIn(fills, [0, 2]), positionsIn(fills, [1, 3])]);
      expect(byTicker(apart)).toEqual(byTicker(together));
    }),
  );
});

test('one shard’s figures are the firm’s, untouched', () => {
  const positions = positionsIn([], [0]);
  const metrics = metricsOf(5n, 5n, true);
  expect(sumOfPositions([positions])).toBe(positions);
  expect(sumOfMetrics([{ metrics, positions }])).toBe(metrics);
});

const metricsOf = (net: bigint, gross: bigint, isKillSwitchEngaged: boolean) => ({
  netExposure: net as Product,
  grossExposure: gross as Product,
  dailyVolume: gross as Product,
  totalPositions: 1,
  largestPosition: gross as Product,
  isKillSwitchEngaged,
});

const holding = (ticker: string, units: bigint, cost: bigint, mark: bigint): FirmPosition => {
  const held = { units, cost: cost as Product, realised: 0n as Product };
  return { ticker: ticker as Ticker, ...held, averagePrice: averageOf(held), mark: mark as Price };
};

test('exposures add up, an instrument in two shards is one position, and the firm is halted when all are', () => {
  const east = { metrics: metricsOf(300n, 300n, true), positions: [holding('AAPL', 3n, 300n, 100n)] };
  const west = { metrics: metricsOf(-100n, 100n, false), positions: [holding('AAPL', -1n, -120n, 100n)] };
  expect(sumOfMetrics([east, west])).toEqual({
    netExposure: 200n,
    grossExposure: 400n,
    dailyVolume: 400n,
    totalPositions: 1,
    largestPosition: 200n,
    isKillSwitchEngaged: false,
  });
  const halted = { ...west, metrics: { ...west.metrics, isKillSwitchEngaged: true } };
  expect(sumOfMetrics([east, halted]).isKillSwitchEngaged).toBe(true);
  expect(sumOfPositions([east.positions, west.positions])).toMatchObject([
    { units: 2n, cost: 180n, averagePrice: undefined }, // long here and short there: a net of costs is no price
  ]);
});
