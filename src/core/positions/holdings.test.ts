import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Product } from '../values/fixed-point.ts';
import { FLAT, type Holding } from './holding.ts';
import { Holdings } from './holdings.ts';

const amount = fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n }).map((value) => value as Product);
const anyHolding: fc.Arbitrary<Holding> = fc.record({
  units: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
  cost: amount,
  realised: amount,
});

test('what was put last stands at its slot, whatever stands elsewhere', () => {
  const anyPuts = fc.array(fc.tuple(fc.nat(200), anyHolding));
  fc.assert(
    fc.property(anyPuts, (puts) => {
      const holdings = new Holdings();
      const expected = new Map<number, Holding>();
      for (const [slot, holding] of puts) {
        holdings.put(slot, holding);
        expected.set(slot, holding);
      }
      for (let slot = 0; slot <= 200; slot++) expect(holdings.at(slot)).toEqual(expected.get(slot) ?? FLAT);
    }),
  );
});

test('entries come in the order of listing, and tell nothing of what is flat and has earned nothing', () => {
  const holdings = new Holdings();
  const held: Holding = { units: 3n, cost: 30n as Product, realised: 0n as Product };
  const earned: Holding = { ...FLAT, realised: -5n as Product };
  holdings.put(70, held);
  holdings.put(2, earned);
  holdings.put(9, FLAT);
  expect([...holdings.entries()]).toEqual([
    [2, earned],
    [70, held],
  ]);
});

test('an amount beyond 128 bits stops the process rather than lose a digit', () => {
  const beyond = { ...FLAT, realised: (2n ** 127n) as Product };
  expect(() => new Holdings().put(0, beyond)).toThrow('no amount reaches 2^127');
});
