import { describe, expect, test } from 'vitest';
import { InvariantBroken } from '../values/assert.ts';
import { advance, canAdvance, isFinished, type OrderStatus, type Step } from './lifecycle.ts';

const STEPS: readonly Step[] = [
  'acknowledge',
  'reject',
  'fail',
  'fillPart',
  'fillAll',
  'requestCancel',
  'cancel',
  'refuseCancelUnfilled',
  'refuseCancelFilled',
  'expire',
];
const WORDS: Readonly<Record<string, OrderStatus>> = {
  new: 'New',
  part: 'PartiallyFilled',
  asks: 'PendingCancel',
  full: 'Filled',
  canc: 'Canceled',
  expd: 'Expired',
  rejd: 'Rejected',
  fail: 'Failed',
};

/** The whole table again, in other words: a step a column in the order above, `-` where a step cannot happen. */
const TABLE: readonly (readonly [OrderStatus, string])[] = [
  ['PendingNew', '      new  rejd fail part full asks canc -   -    expd'],
  ['New', '             -    -    -    part full asks canc -   -    expd'],
  ['PartiallyFilled', ' part -    -    part full asks canc -   -    expd'],
  ['PendingCancel', '   asks rejd fail asks full -    canc new part expd'],
  ['Filled', '          -    -    -    -    -    -    -    -   -    -   '],
  ['Canceled', '        -    -    -    -    -    -    -    -   -    -   '],
  ['Expired', '         -    -    -    -    -    -    -    -   -    -   '],
  ['Denied', '          -    -    -    -    -    -    -    -   -    -   '],
  ['Rejected', '        -    -    -    -    -    -    -    -   -    -   '],
  ['Failed', '          -    -    -    -    -    -    -    -   -    -   '],
];
const cells = TABLE.flatMap(([status, row]) =>
  row
    .trim()
    .split(/ +/)
    .map((word, column) => [status, STEPS[column] as Step, WORDS[word]] as const),
);
const known = cells.filter(([, , next]) => next !== undefined);
const unknown = cells.filter(([, , next]) => next === undefined);

test('the table has a row for every status and a column for every step', () => {
  expect(cells).toHaveLength(TABLE.length * STEPS.length);
});

test.each(known)('%s, %s: %s', (status, step, next) => {
  expect(canAdvance(status, step)).toBe(true);
  expect(advance(status, step)).toBe(next);
});

test.each(unknown)('an order that is %s cannot %s', (status, step) => {
  expect(canAdvance(status, step)).toBe(false);
  expect(() => advance(status, step)).toThrow(InvariantBroken);
});

describe('an end', () => {
  test.each(TABLE.map(([status]) => status))('%s: nothing leads out of a finished order', (status) => {
    const ways = STEPS.filter((step) => canAdvance(status, step));
    expect(ways.length === 0).toBe(isFinished(status));
  });
});
