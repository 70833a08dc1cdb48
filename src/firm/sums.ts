/** The firm's figures as the exact sums of its shards': how accounts are dealt over shards changes no position. */
import type { FirmPosition } from '../core/positions/book.ts';
import { averageOf } from '../core/positions/holding.ts';
import type { RiskMetrics } from '../core/risk/metrics.ts';
import { magnitudeOf, type Price, type Product } from '../core/values/fixed-point.ts';
import type { Ticker } from '../core/values/names.ts';
import type { ShardView } from './shard-view.ts';

type Counted = Pick<ShardView, 'metrics' | 'positions'>;

/**
 * Gross exposure is the sum of the shards' own: a long in one shard does not net a short in another, and nor do the
 * limits that each of them keeps by itself. The switch counts as engaged where every shard has it.
 */
export function sumOfMetrics(views: readonly Counted[]): RiskMetrics {
  const [only, second] = views;
  if (only !== undefined && second === undefined) return only.metrics;
  const sum = (pick: (metrics: RiskMetrics) => Product): Product =>
    views.reduce((total, { metrics }) => total + pick(metrics), 0n) as Product;
  const values = valuesByTicker(views);
  return {
    netExposure: sum(({ netExposure }) => netExposure),
    grossExposure: sum(({ grossExposure }) => grossExposure),
    dailyVolume: sum(({ dailyVolume }) => dailyVolume),
    totalPositions: sumOfPositions(views.map(({ positions }) => positions)).filter(
      ({ units }) => units !== 0n,
    ).length,
    largestPosition: values.reduce((most, value) => (value > most ? value : most), 0n) as Product,
    isKillSwitchEngaged: views.every(({ metrics }) => metrics.isKillSwitchEngaged),
  };
}

/** What the firm holds of each instrument is worth, every shard's part at that shard's mark; without its sign. */
function valuesByTicker(views: readonly Counted[]): readonly bigint[] {
  const values = new Map<Ticker, bigint>();
  for (const { positions } of views) {
    for (const { ticker, units, mark } of positions) {
      values.set(ticker, (values.get(ticker) ?? 0n) + units * mark);
    }
  }
  return Array.from(values.values(), magnitudeOf);
}

/** One position an instrument, in the order in which they are first met. */
export function sumOfPositions(shards: readonly (readonly FirmPosition[])[]): readonly FirmPosition[] {
  const [only, second] = shards;
  if (only !== undefined && second === undefined) return only;
  const parts = new Map<Ticker, FirmPosition[]>();
  for (const position of shards.flat()) {
    const met = parts.get(position.ticker);
    if (met === undefined) parts.set(position.ticker, [position]);
    else met.push(position);
  }
  return Array.from(parts.values(), sumOfOne);
}

/** As the core sums accounts: where both sides are held, a net of two costs is nobody's price. */
function sumOfOne(parts: readonly FirmPosition[]): FirmPosition {
  const [first, second] = parts;
  if (first !== undefined && second === undefined) return first;
  const total = { units: 0n, cost: 0n, realised: 0n };
  let mark = 0n;
  for (const part of parts) {
    total.units += part.units;
    total.cost += part.cost;
    total.realised += part.realised;
    if (part.mark !== 0n) mark = part.mark; // a shard that never saw an order in it has none
  }
  const holding = { units: total.units, cost: total.cost as Product, realised: total.realised as Product };
  return {
    ticker: (first as FirmPosition).ticker,
    ...holding,
    averagePrice: isOneSided(parts) ? averageOf(holding) : undefined,
    mark: mark as Price,
  };
}

/** No shard holds both sides, and no two hold different ones. */
function isOneSided(parts: readonly FirmPosition[]): boolean {
  const isMixed = parts.some(({ units, cost, averagePrice }) =>
    units === 0n ? cost !== 0n : averagePrice === undefined,
  );
  return !isMixed && (parts.every(({ units }) => units >= 0n) || parts.every(({ units }) => units <= 0n));
}
