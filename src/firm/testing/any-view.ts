/** Any view a shard could have. */
import fc from 'fast-check';
import type { ShardView } from '../shard-view.ts';

const fixed = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
const product = fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n });
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

export const anyView = fc.record({
  shard: fc.string({ minLength: 1 }),
  epoch: count,
  position: count,
  at: count,
  isOpen: fc.boolean(),
  limits: fc.record({
    positionMax: fixed,
    dailyVolumeMax: fixed,
    netExposureMax: fixed,
    grossExposureMax: fixed,
  }),
  metrics: fc.record({
    netExposure: product,
    grossExposure: product,
    dailyVolume: product,
    totalPositions: count,
    largestPosition: product,
    isKillSwitchEngaged: fc.boolean(),
  }),
  positions: fc.array(
    fc.record({
      ticker: fc.string({ minLength: 1, maxLength: 20 }),
      units: fixed,
      cost: product,
      realised: product,
      averagePrice: fc.option(fixed, { nil: undefined }),
      mark: fixed,
    }),
    { maxLength: 5 },
  ),
}) as fc.Arbitrary<unknown> as fc.Arbitrary<ShardView>;

/** One of them, always the same. */
export const sampleView = (shard: string): ShardView => {
  const [view] = fc.sample(anyView, { numRuns: 1, seed: 7 });
  if (view === undefined) throw new Error('a sample has one');
  return { ...view, shard, metrics: { ...view.metrics, totalPositions: 3 } };
};
