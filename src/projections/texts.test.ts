/** Exact decimals and hostile text on their way into SQL and out of it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatFixed } from '../core/values/fixed-point.ts';
import { formatDecimal, formatProduct, parseDecimal } from '../protocol/decimal-text.ts';
import { parseExact, storable, words } from './json-text.ts';

/** Of every size, those around 2^53 and with zeros at their end among them. */
const anyValue = fc.oneof(
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
  fc
    .tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 9 }))
    .map(([n, e]) => BigInt(n) * 10n ** BigInt(e)),
);

test('a decimal that is written reads back as it was', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      expect(parseDecimal(formatProduct(value), 16)).toBe(value);
      expect(parseDecimal(formatFixed(value), 8)).toBe(value);
      expect(formatDecimal(value)).toBe(formatFixed(value));
    }),
  );
});

test.each([
  ['0.0000000000000000', 16, 0n],
  ['-1.5', 8, -150_000_000n],
  ['12345678901234567890.12345678', 8, 1_234_567_890_123_456_789_012_345_678n],
])('%s with %i places is %s', (text, places, value) => {
  expect(parseDecimal(text, places)).toBe(value);
});

test.each(['NaN', '1e5', '', '0.123456789'])('%j is no decimal of 8 places', (text) => {
  expect(() => parseDecimal(text, 8)).toThrow('at most 8 decimals');
});

test('NUL and half surrogate pairs are replaced, all else is kept', () => {
  expect(storable('a\0b\uD800c')).toBe('a\uFFFDb\uFFFDc');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(storable(text)).toBe(text.replaceAll('\0', '\uFFFD'));
      expect(JSON.parse(words(text))).toBe(storable(text));
    }),
  );
});

test.each(['{"a":0.1,"b":[1,2.50,{"c":12345678901234567.89}],"d":"x","e":null,"f":1e400}'])(
  '%s prints as it was read',
  (text) => {
    expect(JSON.stringify(parseExact(text))).toBe(text);
  },
);
