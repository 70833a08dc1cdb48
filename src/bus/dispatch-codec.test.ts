import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { price, quantity } from '../core/values/fixed-point.ts';
import { Fault } from '../faults/fault.ts';
import { anyDispatch } from './any-dispatch.fixture.ts';
import type { Dispatch } from './dispatch.ts';
import { decodeDispatch, encodeDispatch } from './dispatch-codec.ts';
import { placing } from './placing.fixture.ts';

const codeOf = (read: () => unknown): string => {
  try {
    read();
    return 'nothing wrong';
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
};

test('whatever the doors may send comes over as it was', () => {
  fc.assert(
    fc.property(anyDispatch, (dispatch) => {
      expect(decodeDispatch(encodeDispatch(dispatch))).toEqual(dispatch);
    }),
  );
});

test('bytes of any kind are read, or are no command, and nothing else happens', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(['nothing wrong', 'COMMAND_INVALID']).toContain(
        codeOf(() => decodeDispatch(Buffer.from(bytes))),
      );
    }),
  );
});

test('a message with changed, lost and added bytes reads as one the doors could send, or as none', () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.constantFrom('set', 'cut', 'add')), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(anyDispatch, edits, (dispatch, changes) => {
      const bytes = [...encodeDispatch(dispatch)];
      for (const [at, value, how] of changes) {
        if (how === 'set') bytes[at % bytes.length] = value;
        else bytes.splice(at % bytes.length, how === 'cut' ? 1 : 0, ...(how === 'add' ? [value] : []));
      }
      const found = codeOf(() => encodeDispatch(decodeDispatch(Buffer.from(bytes))));
      expect(['nothing wrong', 'COMMAND_INVALID']).toContain(found);
    }),
    { numRuns: 2_000 },
  );
});

describe('what the doors refuse is refused here too', () => {
  const order = placing().command.order;
  const wrong: Readonly<Record<string, Dispatch>> = {
    'an order of nothing': placing({ quantity: quantity('0') }),
    'a limit order without a price': placing({ price: undefined }),
    'a market order with a price': placing({ type: 'MARKET' }),
    'a price below zero': placing({ price: price('-1') }),
    'a price of zero': placing({ price: price('0') }),
    'more than the largest quantity': placing({ quantity: (10n ** 20n) as typeof order.quantity }),
    'a ticker in lower case': placing({ ticker: 'aapl' as typeof order.ticker }),
    'an order id that is none': placing({ orderId: 'O-1' as typeof order.orderId }),
    'a strategy of 51 letters': placing({ strategy: 'x'.repeat(51) }),
    'a client order id with a space': placing({ clientOrderId: 'a b' as typeof order.clientOrderId }),
    'a line feed in a strategy': placing({ strategy: 'a\nb' }),
    'half a surrogate pair in a strategy': placing({ strategy: '\uD800' }),
    'a command id that is none': { ...placing(), commandId: 'x' },
    'a time with a fraction': { ...placing(), sentAt: 1.5 as Dispatch['sentAt'] },
    'no shard': { ...placing(), shard: '' },
  };
  test.each(Object.entries(wrong))('%s', (_name, dispatch) => {
    expect(codeOf(() => encodeDispatch(dispatch))).toBe('COMMAND_INVALID');
  });
});

test('a version of tomorrow is told by its number', () => {
  const bytes = encodeDispatch(placing());
  bytes[1] = 2;
  expect(() => decodeDispatch(bytes)).toThrow(/version 2 is unknown/);
});
