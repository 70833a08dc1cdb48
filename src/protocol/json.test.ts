/** Strict JSON: what it takes it takes exactly, and what it refuses it names. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFixed } from '../core/values/fixed-point.ts';
import { Fault } from '../faults/fault.ts';
import { ExactNumber, readDecimal } from './exact-number.ts';
import { parseJson } from './json.ts';

const faultOf = (text: string): string => {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.detail}`;
    throw error;
  }
  return 'taken';
};

test.each([
  ['', 'BODY_MALFORMED: at character 1'],
  ['{', 'BODY_MALFORMED: at character 2'],
  ['{"a":1', 'BODY_MALFORMED: at character 7'],
  ['{"a" 1}', 'BODY_MALFORMED: at character 6'],
  ['{"a":1,}', 'BODY_MALFORMED: at character 8'],
  ['[1 2]', 'BODY_MALFORMED: at character 4'],
  ['[1,]', 'BODY_MALFORMED: at character 4'],
  ['{"a":1}x', 'BODY_MALFORMED: at character 8'],
  ['NaN', 'BODY_MALFORMED: at character 1'],
  ['{"a":Infinity}', 'BODY_MALFORMED: at character 6'],
  ['-', 'BODY_MALFORMED: at character 1'],
  ['01', 'BODY_MALFORMED: at character 2'],
  ['+1', 'BODY_MALFORMED: at character 1'],
  ['.5', 'BODY_MALFORMED: at character 1'],
  ['tru', 'BODY_MALFORMED: at character 1'],
  ["{'a':1}", 'BODY_MALFORMED: at character 2'],
  ['"a', 'BODY_MALFORMED: at character 3'],
  ['"a\nb"', 'BODY_MALFORMED: at character 3'],
  ['"\\x"', 'BODY_MALFORMED: at character 4'],
  ['"\\u12g4"', 'BODY_MALFORMED: at character 4'],
  ['"\\', 'BODY_MALFORMED: at character 4'],
  ['{"a":1,"a":2}', 'BODY_INVALID: a: is given twice'],
  ['{"a":{"b":[0,{"c":1,"\\u0063":2}]}}', 'BODY_INVALID: a.b.1.c: is given twice'],
  ['{"__proto__":{}}', 'BODY_INVALID: __proto__: is not a field'],
  ['{"a":{"constructor":1}}', 'BODY_INVALID: a.constructor: is not a field'],
  ['{"\\u005f_proto__":1}', 'BODY_INVALID: __proto__: is not a field'],
  ['"\\ud800"', 'BODY_INVALID: body: has a lone surrogate'],
  ['{"a":"x\\udc00"}', 'BODY_INVALID: a: has a lone surrogate'],
  ['"\ud800"', 'BODY_INVALID: body: has a lone surrogate'],
])('%j is refused: %s', (text, fault) => {
  expect(faultOf(text)).toBe(fault);
});

test('depth 32 is taken, 33 is refused, and 10,000 neither overflows nor hangs', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  expect(faultOf(nested(32))).toBe('taken');
  expect(faultOf(nested(33))).toContain('is nested deeper than 32');
  expect(faultOf(nested(10_000))).toContain('is nested deeper than 32');
  expect(faultOf('{"a":'.repeat(10_000))).toContain('is nested deeper than 32');
});

test('what JSON.parse reads without loss is read the same', () => {
  const anyJson = fc
    .jsonValue({ maxDepth: 6 })
    .filter((value) => !/__proto__|constructor|prototype/.test(JSON.stringify(value)));
  fc.assert(
    fc.property(anyJson, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
});

test('no text at all makes it do anything but read or refuse', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '\\u',
    'd800',
    '1e',
    '-',
    '0',
    ' ',
    'true',
    'null',
    'é',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      expect(faultOf(parts.join(''))).toMatch(/^(taken|BODY_(MALFORMED|INVALID): )/);
    }),
  );
});

test('a decimal keeps every digit, whether a double holds it or not', () => {
  const decimal = fc
    .tuple(fc.bigInt(0n, 90_000_000_000n), fc.integer({ min: 0, max: 99_999_999 }))
    .map(([whole, part]) => `${whole}.${String(part).padStart(8, '0')}`);
  fc.assert(
    fc.property(decimal, (text) => {
      expect(readDecimal(parseJson(text))).toBe(parseFixed(text));
    }),
  );
});

test.each([
  ['150.5', 15_050_000_000n],
  ['1e3', 100_000_000_000n],
  ['1.5E+2', 15_000_000_000n],
  ['1e-8', 1n],
  ['15e-9', 'more than 8 decimals'],
  ['0e999999999', 0n],
  ['-0', 0n],
  ['12345678901.12345678', 1_234_567_890_112_345_678n],
  ['0.1000000000000000055511151231257827', 'more than 8 decimals'],
  ['9007199254740993', 'out of range'],
  ['90000000000.00000001', 'out of range'],
  ['1e309', 'out of range'],
  ['-1e309', 'out of range'],
  ['1e999999999999', 'out of range'],
  ['1e-999999999999', 'more than 8 decimals'],
  ['1e-400', 'more than 8 decimals'],
])('the JSON number %s is %s', (text, value) => {
  expect(readDecimal(parseJson(text))).toBe(value);
});

test.each(['1e5', ' 1', '1 ', '+1', '0x10', '١', '1_000', '1,000', '', '-', 'NaN', 'Infinity'])(
  'the string %j is no decimal',
  (text) => {
    expect(readDecimal(text)).toBe('not a decimal number');
  },
);

test.each([null, undefined, true, [], {}, Number.NaN, Number.POSITIVE_INFINITY, 5n])(
  '%s is no decimal',
  (input) => {
    expect(readDecimal(input)).toBe('not a decimal number');
  },
);

test('a number that a double would change is handed on as it was written', () => {
  expect(parseJson('0.1234567890123456789')).toEqual(new ExactNumber('0.1234567890123456789'));
  expect(parseJson('0.1')).toBe(0.1);
  expect(parseJson('1000000000000000000000')).toBe(1e21);
});
