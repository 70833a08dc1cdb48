import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvariantBroken } from './assert.ts';
import {
  averagePrice,
  divideHalfEven,
  formatFixed,
  magnitudeOf,
  nearest,
  notional,
  outward,
  type Product,
  parseFixed,
  price,
  productOf,
  quantity,
  SCALE,
  VALUE_MAX,
} from './fixed-point.ts';

const anyValue = fc.bigInt({ min: -VALUE_MAX, max: VALUE_MAX });
const anyBig = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });

describe('text', () => {
  test('what is written is read back exactly', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(parseFixed(formatFixed(value))).toBe(value);
      }),
    );
  });

  test('what is read is written back in its shortest form, worth the same', () => {
    const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`));
    const texts = fc.tuple(fc.constantFrom('', '-'), digits(10), fc.option(digits(8), { nil: '' }));
    fc.assert(
      fc.property(texts, ([sign, whole, fraction]) => {
        const text = `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
        const written = formatFixed(parseFixed(text) as bigint);
        const shortest = `${whole.replace(/^0+(?=\d)/, '')}.${fraction}`.replace(/\.?0*$/, (end) =>
          end.startsWith('.') ? '' : end.replace(/0+$/, ''),
        );
        const isZero = /^[0.]*$/.test(shortest);
        expect(written).toBe(isZero ? '0' : sign + shortest);
      }),
    );
  });

  test.each([
    ['150.5', 15_050_000_000n],
    ['-3', -300_000_000n],
    ['0.00000001', 1n],
    ['-0.00000001', -1n],
    ['-0', 0n],
    ['007', 700_000_000n],
    ['1.500000000000', 150_000_000n], // zeros beyond the eighth place are nothing lost
    ['90000000000', VALUE_MAX],
    ['-90000000000', -VALUE_MAX],
  ])('%s is read', (text, value) => {
    expect(parseFixed(text)).toBe(value);
  });

  test.each(['', ' ', '1 ', ' 1', '+1', '1e3', '1E3', '.5', '5.', '1,000', '0x10', '--1', '1.2.3', 'NaN'])(
    '"%s" is no decimal',
    (text) => {
      expect(parseFixed(text)).toBe('not a decimal number');
    },
  );
  test.each(['Infinity', '１', '1\n', '1_000', '1n', '∞', `1${'0'.repeat(20)}`, `0.${'0'.repeat(41)}`])(
    '"%s" is no decimal either',
    (text) => {
      expect(parseFixed(text)).toBe('not a decimal number');
    },
  );

  test('a ninth place is refused, never rounded', () => {
    expect(parseFixed('0.000000001')).toBe('more than 8 decimals');
    expect(parseFixed('1.999999999')).toBe('more than 8 decimals');
  });

  test.each(['90000000000.00000001', '-90000000000.00000001', '99999999999999999999'])(
    '%s is out of range',
    (text) => {
      expect(parseFixed(text)).toBe('out of range');
    },
  );

  test('our own code may not write what is no decimal, or a negative quantity', () => {
    expect(() => price('1e3')).toThrow(InvariantBroken);
    expect(() => notional('')).toThrow(InvariantBroken);
    expect(() => quantity('-1')).toThrow(InvariantBroken);
    expect(price('-1.5')).toBe(-150_000_000n); // spreads and power trade below zero
  });
});

describe('division', () => {
  test('half to even is the nearest whole, and of two that are as near the even one', () => {
    fc.assert(
      fc.property(anyBig, fc.bigInt({ min: 1n, max: 10n ** 24n }), (dividend, divisor) => {
        const quotient = divideHalfEven(dividend, divisor);
        const twiceOff = 2n * magnitudeOf(dividend - quotient * divisor);
        expect(twiceOff).toBeLessThanOrEqual(divisor);
        if (twiceOff === divisor) expect(quotient % 2n).toBe(0n);
      }),
    );
  });

  test.each([
    [5n, 2n, 2n],
    [7n, 2n, 4n],
    [-5n, 2n, -2n],
    [-7n, 2n, -4n],
    [1n, 3n, 0n],
    [2n, 3n, 1n],
    [-1n, 2n, 0n],
    [-3n, 2n, -2n],
  ])('%s / %s is %s', (dividend, divisor, quotient) => {
    expect(divideHalfEven(dividend, divisor)).toBe(quotient);
  });

  test('outward overstates by less than one unit and never understates', () => {
    fc.assert(
      fc.property(anyBig, (product) => {
        const told = outward(product as Product) * SCALE;
        const over = magnitudeOf(told) - magnitudeOf(product);
        expect(over).toBeGreaterThanOrEqual(0n);
        expect(over).toBeLessThan(SCALE);
        expect(told === 0n || told > 0n === product > 0n).toBe(true);
      }),
    );
  });

  test('outward and nearest agree where nothing is to be rounded', () => {
    fc.assert(
      fc.property(anyValue, fc.bigInt({ min: 0n, max: 1_000_000n }), (at, whole) => {
        const product = productOf(at as never, whole * SCALE);
        expect(outward(product)).toBe(at * whole);
        expect(nearest(product)).toBe(at * whole);
      }),
    );
  });

  test('an average price lies between the prices it is of', () => {
    const fills = fc.array(
      fc.tuple(fc.bigInt({ min: 1n, max: VALUE_MAX }), fc.bigInt({ min: 1n, max: VALUE_MAX })),
      { minLength: 1, maxLength: 10 },
    );
    fc.assert(
      fc.property(fills, (all) => {
        const cost = all.reduce((sum, [at, units]) => sum + at * units, 0n);
        const units = all.reduce((sum, [, held]) => sum + held, 0n);
        const average = averagePrice(cost as Product, units as never);
        const prices = all.map(([at]) => at);
        expect(prices.some((at) => at <= average) && prices.some((at) => at >= average)).toBe(true);
      }),
    );
  });

  test('an average of nothing is no price', () => {
    expect(() => averagePrice(0n as Product, quantity('0'))).toThrow(InvariantBroken);
  });
});
