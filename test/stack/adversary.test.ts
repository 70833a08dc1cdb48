/** What the adversary sends to be refused would be refused; what it sends to be taken reads. */
import { expect, test } from 'vitest';
import { decodeDispatch, encodeDispatch } from '../../src/bus/dispatch-codec.ts';
import { placing } from '../../src/bus/placing.fixture.ts';
import { unreadable } from './adversary.ts';

const good = encodeDispatch(placing());

test('what is like it reads', () => {
  expect(decodeDispatch(good).command.type).toBe('PlaceOrder');
});

test.each(unreadable(good).map((bytes) => [bytes.length, bytes] as const))(
  '%i bytes do not',
  (_length, bytes) => {
    expect(() => decodeDispatch(bytes)).toThrow('the command does not read');
  },
);
