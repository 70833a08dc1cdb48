import { expect, test } from 'vitest';
import { HUNGRY, nextHelping } from './kafka-appetite.ts';

test.each([
  ['nothing came', 0, 0],
  ['one order came', 1, 300],
  ['a few came', 7, 2_100],
])('%s: the next is taken as soon as it comes', (_, messages, bytes) => {
  expect(nextHelping(messages, bytes)).toEqual(HUNGRY);
  expect(HUNGRY.minBytes).toBe(1);
});

test('many came: half as many are waited for, for a few milliseconds and no longer', () => {
  expect(nextHelping(100, 30_000)).toEqual({ minBytes: 15_000, waitMs: 5 });
});

test('a flood is taken in parts', () => {
  expect(nextHelping(3_000, 900_000).minBytes).toBe(65_536);
});

test('when the flood ends, the wait ends with it: each helping asks for half of the last at most', () => {
  let bytes = 30_000;
  let helpings = 0;
  for (let helping = nextHelping(100, bytes); helping !== HUNGRY; helpings += 1) {
    bytes = helping.minBytes - 1; // the wait ran out
    helping = nextHelping(Math.floor(bytes / 300), bytes);
  }
  expect(helpings).toBeLessThan(6);
});
