import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../market-data/random.ts';
import { Arrivals, type Spacing } from './arrivals.ts';
import { readDuration, readRamp, readRate, type Stage, stageOf } from './stages.ts';

function dues(stages: readonly Stage[], spacing: Spacing, seed = 1): { at: number; stage: number }[] {
  const arrivals = new Arrivals(stages, spacing, Random.fromSeed(seed));
  const found: { at: number; stage: number }[] = [];
  while (Number.isFinite(arrivals.dueAt)) {
    found.push({ at: arrivals.dueAt, stage: arrivals.stage });
    arrivals.next();
  }
  return found;
}

test('a constant rate is a metronome, stage after stage, from the first instant on', () => {
  const found = dues([stageOf(4, 1), stageOf(0, 2), stageOf(2, 1)], 'constant');
  expect(found.map(({ at }) => at)).toEqual([0, 250, 500, 750, 3000, 3500]);
  expect(found.map(({ stage }) => stage)).toEqual([0, 0, 0, 0, 2, 2]);
});

test('whatever the stages, a constant rate makes as many as it says, in order and within their stage', () => {
  const stage = fc.record({
    rate: fc.integer({ min: 0, max: 500 }),
    seconds: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(stage, { minLength: 1, maxLength: 5 }), (rows) => {
      const stages = rows.map(({ rate, seconds }) => stageOf(rate, seconds));
      const found = dues(stages, 'constant');
      expect(found.length).toBe(rows.reduce((sum, { rate, seconds }) => sum + rate * seconds, 0));
      let begin = 0;
      for (const [i, { seconds }] of rows.entries()) {
        const within = found.filter((due) => due.stage === i).map(({ at }) => at);
        for (const at of within) expect(at >= begin && at < begin + 1000 * seconds).toBe(true);
        begin += 1000 * seconds;
      }
      expect(found.every(({ at }, i) => at >= (found[i - 1]?.at ?? 0))).toBe(true);
    }),
  );
});

test('callers who know nothing of each other: the right rate, and gaps that scatter as much as they are long', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (seed) => {
      const found = dues([stageOf(1000, 20)], 'poisson', seed).map(({ at }) => at);
      expect(Math.abs(found.length - 20_000)).toBeLessThan(6 * Math.sqrt(20_000)); // six deviations
      const gaps = found.map((at, i) => at - (found[i - 1] ?? 0));
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      const spread = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
      expect(spread / mean).toBeGreaterThan(0.95);
      expect(spread / mean).toBeLessThan(1.05);
    }),
    { numRuns: 20 },
  );
});

test('the same seed is the same schedule, another seed another', () => {
  const stages = [stageOf(100, 2)];
  expect(dues(stages, 'poisson', 7)).toEqual(dues(stages, 'poisson', 7));
  expect(dues(stages, 'poisson', 7)).not.toEqual(dues(stages, 'poisson', 8));
});

test('a ramp goes up, or down, by its step', () => {
  expect(readRamp('100:500:200/10s').map(({ rate, seconds }) => [rate, seconds])).toEqual([
    [100, 10],
    [300, 10],
    [500, 10],
  ]);
  expect(readRamp('50:10:20/500ms').map(({ rate }) => rate)).toEqual([50, 30, 10]);
});

test.each([
  '',
  '100',
  '100:200',
  '100:200:50',
  '0:100:10/1s',
  '1:2:0/1s',
  '1:1000000:0.01/1s',
  'a:b:c/1s',
  '1:2:1/0s',
])('the ramp "%s" is refused', (text) => expect(() => readRamp(text)).toThrow(/a ramp|a rate|a duration/));

test('durations have units, and rates are numbers', () => {
  expect(['90', '90s', '500ms', '2m', '1.5h'].map(readDuration)).toEqual([90, 90, 0.5, 120, 5400]);
  for (const text of ['', '0', '-1s', '1d', '1e9', '200h'])
    expect(() => readDuration(text)).toThrow('a duration');
  expect(readRate('12.5')).toBe(12.5);
  for (const text of ['', '0', '-1', '1e3', '1000001']) expect(() => readRate(text)).toThrow('a rate');
});
