import { expect, test } from 'vitest';
import { Random } from './random.ts';

test('gives the published numbers of xoshiro128** for the state 1, 2, 3, 4', () => {
  const random = new Random([1, 2, 3, 4]);
  const words = Array.from({ length: 10 }, () => random.word());
  expect(words).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});

test('a seed gives the same stream for good', () => {
  const random = Random.fromSeed(42);
  expect([random.word(), random.word(), random.word()]).toMatchInlineSnapshot(`
    [
      2357303435,
      3307241920,
      3305628281,
    ]
  `);
});

test('seeds that differ in one bit, low or high, give unlike streams', () => {
  const firsts = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER].map((seed) => {
    const random = Random.fromSeed(seed);
    return `${random.word()} ${random.word()}`;
  });
  expect(new Set(firsts).size).toBe(firsts.length);
});

test('the state of all zeros is refused', () => {
  expect(() => new Random([0, 0, 0, 0])).toThrow('all zeros');
});

test('a die with six faces shows each face about as often', () => {
  const random = Random.fromSeed(7);
  const counts = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < 60_000; i += 1) {
    const face = random.below(6);
    counts[face] = (counts[face] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400); // 4 deviations
});

test('normal dice have mean 0 and deviation 1', () => {
  const random = Random.fromSeed(11);
  let sum = 0;
  let squares = 0;
  const count = 50_000;
  for (let i = 0; i < count; i += 1) {
    const die = random.normal();
    sum += die;
    squares += die * die;
  }
  expect(Math.abs(sum / count)).toBeLessThan(0.02);
  expect(Math.abs(squares / count - 1)).toBeLessThan(0.03);
});
