import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Side } from '../orders/order.ts';
import { InvariantBroken } from '../values/assert.ts';
import {
  formatFixed,
  magnitudeOf,
  nearest,
  type Price,
  type Product,
  price,
  productOf,
  type Quantity,
  quantity,
} from '../values/fixed-point.ts';
import { averageOf, FLAT, type Holding, settle, unrealisedOf } from './holding.ts';

interface Fill {
  readonly side: Side;
  readonly quantity: Quantity;
  readonly price: Price;
}
const fill = (side: Side, units: string, at: string): Fill => ({
  side,
  quantity: quantity(units),
  price: price(at),
});
const holdingOf = (...fills: readonly Fill[]): Holding =>
  fills.reduce(
    (held, { side, quantity: units, price: at }) => settle(held, side, units, productOf(at, units)).holding,
    FLAT,
  );
const money = (product: Product): string => formatFixed(nearest(product));

describe('average cost', () => {
  test.each([
    ['a buy opens long', [fill('BUY', '100', '10')], '100', '10', '0'],
    ['a sell opens short', [fill('SELL', '100', '10')], '-100', '10', '0'],
    ['a second buy averages', [fill('BUY', '100', '10'), fill('BUY', '300', '14')], '400', '13', '0'],
    ['a part that is sold earns', [fill('BUY', '100', '10'), fill('SELL', '40', '12')], '60', '10', '80'],
    [
      'all that is sold leaves nothing',
      [fill('BUY', '100', '10'), fill('SELL', '100', '9')],
      '0',
      '',
      '-100',
    ],
    ['a flip to short', [fill('BUY', '100', '10'), fill('SELL', '150', '12')], '-50', '12', '200'],
    ['a flip to long', [fill('SELL', '100', '10'), fill('BUY', '150', '12')], '50', '12', '-200'],
    ['a short that is covered', [fill('SELL', '100', '10'), fill('BUY', '60', '8')], '-40', '10', '120'],
    [
      'prices below zero',
      [fill('BUY', '10', '-5'), fill('SELL', '10', '-7'), fill('SELL', '10', '-1')],
      '-10',
      '-1',
      '-20',
    ],
  ])('%s', (_, fills, units, average, realised) => {
    const holding = holdingOf(...fills);
    expect(formatFixed(holding.units)).toBe(units);
    expect(averageOf(holding)).toBe(average === '' ? undefined : price(average));
    expect(money(holding.realised)).toBe(realised);
  });

  test('a fill through zero is a closing and an opening leg', () => {
    const settled = settle(
      holdingOf(fill('BUY', '100', '10')),
      'SELL',
      quantity('150'),
      productOf(price('12'), quantity('150')),
    );
    expect(settled.closed).toBe(quantity('100'));
    expect(settled.opened).toBe(quantity('50'));
    expect(money(settled.realised)).toBe('200');
  });

  test('what is open earns the distance to the mark', () => {
    expect(money(unrealisedOf(holdingOf(fill('BUY', '100', '10')), price('11')))).toBe('100');
    expect(money(unrealisedOf(holdingOf(fill('SELL', '100', '10')), price('11')))).toBe('-100');
    expect(unrealisedOf(FLAT, price('11'))).toBe(0n);
  });

  test('a third that does not go into decimals loses nothing when the rest is sold', () => {
    const thirds = [
      fill('BUY', '3', '0.00000001'),
      fill('SELL', '1', '1'),
      fill('SELL', '1', '1'),
      fill('SELL', '1', '1'),
    ];
    const holding = holdingOf(...thirds);
    expect([holding.units, holding.cost]).toEqual([0n, 0n]);
    expect(money(holding.realised)).toBe('2.99999997');
  });

  test('a fill of nothing is a bug', () => {
    expect(() => settle(FLAT, 'BUY', quantity('0'), 0n as Product)).toThrow(InvariantBroken);
  });
});

/** A fraction in lowest terms, its denominator positive: an independent model that never rounds. */
class Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
  constructor(top: bigint, bottom = 1n) {
    const divisor = gcd(magnitudeOf(top), bottom);
    this.top = top / divisor;
    this.bottom = bottom / divisor;
  }
  plus({ top, bottom }: Fraction): Fraction {
    return new Fraction(this.top * bottom + top * this.bottom, this.bottom * bottom);
  }
  times({ top, bottom }: Fraction): Fraction {
    return new Fraction(this.top * top, this.bottom * bottom);
  }
  /** Is `value` within `distance` of this? */
  isNear(value: bigint, distance: bigint): boolean {
    return magnitudeOf(value * this.bottom - this.top) <= distance * this.bottom;
  }
}
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

/** Signed units and their average price; what is closed earns its distance from that. */
class Model {
  units = 0n;
  average = new Fraction(0n);
  realised = new Fraction(0n);

  take({ side, quantity: size, price: at }: Fill): void {
    const change = side === 'BUY' ? size : 0n - size;
    const isOpening = this.units === 0n || this.units > 0n === change > 0n;
    if (isOpening) {
      const cost = this.average.times(new Fraction(this.units)).plus(new Fraction(at * change));
      this.units += change;
      this.average = cost.times(new Fraction(1n, magnitudeOf(this.units)));
      if (this.units < 0n) this.average = this.average.times(new Fraction(-1n));
      return;
    }
    const closed =
      magnitudeOf(change) < magnitudeOf(this.units) ? magnitudeOf(change) : magnitudeOf(this.units);
    const sign = this.units > 0n ? 1n : -1n;
    const distance = new Fraction(at).plus(this.average.times(new Fraction(-1n)));
    this.realised = this.realised.plus(distance.times(new Fraction(sign * closed)));
    this.units += change;
    const hasFlipped = this.units !== 0n && this.units > 0n === change > 0n;
    if (hasFlipped) this.average = new Fraction(at);
    if (this.units === 0n) this.average = new Fraction(0n);
  }
}

const anyFills: fc.Arbitrary<readonly Fill[]> = fc.array(
  fc.record({
    side: fc.constantFrom<Side>('BUY', 'SELL'),
    quantity: fc.bigInt({ min: 1n, max: 10n ** 13n }).map((units) => units as Quantity),
    price: fc.bigInt({ min: -(10n ** 10n), max: 10n ** 13n }).map((at) => at as Price),
  }),
  { minLength: 1, maxLength: 25, size: 'max' },
);

test('whatever is filled: the books are those of exact fractions, but for the last place of each closing', () => {
  fc.assert(
    fc.property(anyFills, (fills) => {
      const model = new Model();
      let held = FLAT;
      let cash = 0n;
      let closings = 0n;
      for (const one of fills) {
        const paid = productOf(one.price, one.quantity);
        const settled = settle(held, one.side, one.quantity, paid);
        model.take(one);
        if (settled.closed > 0n) closings++;
        expect(settled.closed + settled.opened).toBe(one.quantity);
        expect(settled.holding.realised - held.realised).toBe(settled.realised);
        held = settled.holding;
        cash += one.side === 'BUY' ? 0n - paid : paid;
        expect(held.units).toBe(model.units);
        expect(held.realised - held.cost).toBe(cash); // no unit is made or lost, ever
        if (held.units === 0n) expect(held.cost).toBe(0n);
        const cost = model.average.times(new Fraction(model.units));
        expect(cost.isNear(held.cost, closings)).toBe(true); // each closing rounds once, in 1e-16
        expect(model.realised.isNear(held.realised, closings)).toBe(true);
      }
    }),
  );
});
