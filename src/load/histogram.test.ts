import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram, RELATIVE_ERROR_MAX } from './histogram.ts';

/** Microseconds of every size, from one to over an hour. */
const micros = fc
  .tuple(fc.double({ min: 0, max: 31.9, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([power, part]) => Math.floor(2 ** power * (1 + part)) % 2 ** 32);
const part = fc.constantFrom(0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1);

const filled = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value / 1000);
  return histogram;
};

/** Nearest rank on the sorted values: what a quantile is by definition. */
const exactly = (values: readonly number[], quantile: number): number =>
  values.toSorted((one, other) => one - other)[Math.ceil(quantile * values.length) - 1] ?? 0;

// A failure prints the seed and the path of the counterexample; `fc.assert(…, { seed, path })` runs it again.
describe('a quantile', () => {
  test('is never below the exact one, and above it by less than 0.8 %', () => {
    expect(RELATIVE_ERROR_MAX).toBeLessThan(0.01);
    fc.assert(
      fc.property(fc.array(micros, { minLength: 1, maxLength: 300 }), part, (values, quantile) => {
        const exact = exactly(values, quantile);
        const found = filled(values).quantileMs(quantile) * 1000;
        expect(found).toBeGreaterThanOrEqual(exact - 1e-6);
        expect(found).toBeLessThanOrEqual(exact * (1 + RELATIVE_ERROR_MAX) + 1e-6);
      }),
      { numRuns: 500 },
    );
  });
  test('of the whole is the greatest value, to the microsecond', () => {
    fc.assert(
      fc.property(fc.array(micros, { minLength: 1 }), (values) => {
        const histogram = filled(values);
        expect(histogram.quantileMs(1)).toBe(Math.max(...values) / 1000);
        expect(histogram.maxMs).toBe(Math.max(...values) / 1000);
      }),
    );
  });
  test('grows with its part', () => {
    fc.assert(
      fc.property(fc.array(micros, { minLength: 1 }), part, part, (values, one, other) => {
        const histogram = filled(values);
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        expect(histogram.quantileMs(low)).toBeLessThanOrEqual(histogram.quantileMs(high));
      }),
    );
  });
});

test('two histograms added are the histogram of all their values', () => {
  fc.assert(
    fc.property(fc.array(micros), fc.array(micros), (one, other) => {
      const sum = filled(one);
      sum.add(filled(other));
      const whole = filled([...one, ...other]);
      expect(sum.buckets()).toEqual(whole.buckets());
      expect([sum.count, sum.maxMs]).toEqual([whole.count, whole.maxMs]);
      expect(sum.meanMs).toBeCloseTo(whole.meanMs, 6);
    }),
  );
});

test('the buckets hold every value once, and none lies above its edge', () => {
  fc.assert(
    fc.property(fc.array(micros), (values) => {
      const buckets = filled(values).buckets();
      expect(buckets.reduce((sum, [, count]) => sum + count, 0)).toBe(values.length);
      let seen = 0;
      for (const [upToMs, count] of buckets) {
        seen += count;
        expect(values.filter((value) => value / 1000 <= upToMs).length).toBe(seen);
      }
    }),
  );
});

test('nothing recorded is zero, a clock that stepped back is zero, and hours are the longest there is', () => {
  const histogram = new Histogram();
  expect([histogram.quantileMs(0.5), histogram.maxMs, histogram.meanMs]).toEqual([0, 0, 0]);
  histogram.record(-5);
  expect([histogram.count, histogram.maxMs]).toEqual([1, 0]);
  histogram.record(1e12);
  expect(histogram.quantileMs(1)).toBe((2 ** 32 - 1) / 1000);
  histogram.clear();
  expect([histogram.count, histogram.buckets()]).toEqual([0, []]);
});
