/** Times, statuses, refusals and decimals as the wire spells them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LIFECYCLE, type OrderStatus } from '../core/orders/lifecycle.ts';
import type { Refusal } from '../core/risk/refusal.ts';
import { formatFixed, notional, type Product, price } from '../core/values/fixed-point.ts';
import type { Micros } from '../core/values/names.ts';
import { amountJson, exactJson } from './exact-json.ts';
import { KEYWORDS, plainSchema } from './keywords.ts';
import { refusalMessage, wireViolation } from './refusals.ts';
import { ORDER_WORDS, SPELLINGS, statusesOf, wordOf } from './statuses.ts';
import { timeOf, wireTime } from './times.ts';

test.each([
  [1_769_783_400_123_456, '2026-01-30T14:30:00.123456Z'],
  [0, '1970-01-01T00:00:00.000000Z'],
  [-1, '1969-12-31T23:59:59.999999Z'],
])('%i microseconds are %s', (at, text) => {
  expect(wireTime(at as Micros)).toBe(text);
  expect(timeOf(text)).toBe(at);
});

test('every time survives the wire', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000_000 }), (at) => {
      expect(timeOf(wireTime(at as Micros))).toBe(at);
    }),
  );
});

test.each(['', '2026-01-30', '2026-13-30T14:30:00.000000Z', '2026-01-30T14:30:00.123Z'])(
  '%j is no time',
  (text) => {
    expect(timeOf(text)).toBeUndefined();
  },
);

test('every status the core knows has a word of the contract, and every word leads back', () => {
  const statuses = Object.keys(LIFECYCLE) as OrderStatus[];
  expect(Object.keys(SPELLINGS).sort()).toEqual([...statuses].sort());
  for (const status of statuses) {
    expect(ORDER_WORDS).toContain(wordOf(status));
    expect(statusesOf(wordOf(status))).toContain(status);
  }
  expect(statusesOf('REJECTED')).toEqual(['Denied', 'Rejected']);
  expect(statusesOf('PENDING')).toEqual([]);
});

const refusal = (rule: Refusal['rule']): Refusal => ({
  rule,
  observed: notional('1000000.5'),
  limit: notional('1000000'),
  reference: price('150.25'),
});

test('a refusal names every rule, and the kill switch has its own sentence', () => {
  const both = [refusal('POSITION_LIMIT'), refusal('DAILY_VOLUME_LIMIT')];
  expect(refusalMessage(both)).toBe('Risk violations: POSITION_LIMIT, DAILY_VOLUME_LIMIT');
  const halted = [...both, refusal('KILL_SWITCH_ACTIVE')];
  expect(refusalMessage(halted)).toBe('Kill switch is active - all trading halted');
  expect(JSON.stringify(wireViolation(refusal('POSITION_LIMIT')))).toBe(
    '{"rule":"POSITION_LIMIT","observed":1000000.5,"limit":1000000,"reference_price":150.25}',
  );
});

test('every decimal is printed as itself, never as a double of it', () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n), (value) => {
      expect(JSON.stringify({ value: exactJson(value) })).toBe(`{"value":${formatFixed(value)}}`);
    }),
  );
  expect(JSON.stringify([exactJson(undefined), amountJson(15_000_000_000_000_000n as Product)])).toBe(
    '[null,1.5]',
  );
});

test.each([
  ['decimal', 'positive', 1, undefined],
  ['decimal', 'positive', '0.00000001', undefined],
  ['decimal', 'positive', 0, 'must be greater than 0'],
  ['decimal', 'positive', -1, 'must be greater than 0'],
  ['decimal', 'notNegative', 0, undefined],
  ['decimal', 'notNegative', -1, 'must not be negative'],
  ['decimal', 'positive', '1e5', 'must be a plain decimal number, as a JSON number or a string'],
  ['decimal', 'positive', '0.123456789', 'must have at most 8 decimals'],
  ['decimal', 'positive', 1e20, 'must be within ±90000000000'],
  ['queryInteger', { minimum: 1, maximum: 10 }, '10', undefined],
  ['queryInteger', { minimum: 1, maximum: 10 }, '0', 'must be a whole number from 1 to 10'],
  ['queryInteger', { minimum: 1, maximum: 10 }, '1e0', 'must be a whole number from 1 to 10'],
  ['queryInteger', { minimum: 1, maximum: 10 }, ['1', '2'], 'must be a whole number from 1 to 10'],
  ['queryBoolean', true, 'True', undefined],
  ['queryBoolean', true, '0', undefined],
  ['queryBoolean', true, 'yes', 'must be true or false'],
  ['queryBoolean', true, ['true', 'false'], 'must be true or false'],
])('%s %j says of %j: %s', (keyword, rule, input, complaint) => {
  const check = KEYWORDS.find((one) => one.keyword === keyword)?.compile(rule as never);
  expect(check?.(input)).toBe(complaint === undefined);
  expect(check?.errors?.[0]?.message).toBe(complaint);
});

test('in OpenAPI our keywords are plain JSON Schema', () => {
  const schema = {
    properties: { q: { decimal: 'positive' }, l: [{ queryInteger: { minimum: 1, maximum: 2 } }] },
  };
  expect(plainSchema(schema)).toEqual({
    properties: {
      q: { type: ['number', 'string'], exclusiveMinimum: 0, pattern: '^\\d{1,20}(\\.\\d{1,8}0*)?$' },
      l: [{ type: 'integer', minimum: 1, maximum: 2 }],
    },
  });
});
