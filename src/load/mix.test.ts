import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../market-data/random.ts';
import { MixDice, OPERATIONS, partOf, readMix } from './mix.ts';

test('the dice keep to the weights, whatever they are', () => {
  const weights = fc.record({
    place: fc.integer({ min: 0, max: 90 }),
    cancel: fc.integer({ min: 0, max: 90 }),
    get: fc.integer({ min: 0, max: 90 }),
    positions: fc.integer({ min: 1, max: 90 }),
  });
  fc.assert(
    fc.property(weights, fc.integer({ min: 0, max: 2 ** 40 }), (mix, seed) => {
      const dice = new MixDice(mix, OPERATIONS, Random.fromSeed(seed));
      const drawn = new Map<string, number>();
      const draws = 10_000;
      for (let i = 0; i < draws; i++) {
        const name = dice.draw();
        drawn.set(name, (drawn.get(name) ?? 0) + 1);
      }
      for (const name of OPERATIONS) {
        const part = partOf(mix, name);
        const deviation = Math.sqrt(draws * part * (1 - part));
        expect(Math.abs((drawn.get(name) ?? 0) - draws * part)).toBeLessThanOrEqual(6 * deviation);
      }
    }),
    { numRuns: 50 },
  );
});

test('a mix is read by its names; what is left out has no part', () => {
  const mix = readMix('place=3,get=1', OPERATIONS);
  expect(OPERATIONS.map((name) => partOf(mix, name))).toEqual([0.75, 0, 0.25, 0]);
});

test.each(['', 'place', 'place=', 'place=-1', 'buy=1', 'place=1,place=2', 'place=0', 'place=1,'])(
  'the mix "%s" is refused',
  (text) => expect(() => readMix(text, OPERATIONS)).toThrow('a mix'),
);
