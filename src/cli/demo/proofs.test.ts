/** The demo's proofs can fail: each is shown books with one thing wrong in them. */
import { describe, expect, test } from 'vitest';
import { quantity as parsed } from '../../core/values/fixed-point.ts';
import type { OrderRequest } from './api-client.ts';
import type { BookedOrder, Books, Fill } from './books.ts';
import { Ledger } from './ledger.ts';
import { proofsOf } from './proofs.ts';

const amount = (text: string): bigint => parsed(text);

const asked: OrderRequest = {
  symbol: 'SPY',
  side: 'BUY',
  type: 'LIMIT',
  quantity: amount('100'),
  price: amount('10'),
  strategy: 'maker',
  clientOrderId: 'demo-1',
};
const answered = (orderId: string) =>
  ({ kind: 'answered', orderId, status: 'APPROVED', message: '' }) as const;

function ledger(): Ledger {
  const kept = new Ledger();
  kept.record('ada', asked, answered('A'));
  return kept;
}

const order: BookedOrder = {
  ...asked,
  orderId: 'A',
  user: 'ada',
  status: 'EXECUTED',
  executed: amount('100'),
};
const fill: Fill = {
  orderId: 'A',
  executionId: 'X1',
  symbol: 'SPY',
  side: 'BUY',
  quantity: amount('100'),
  price: amount('10'),
  atMs: 0,
};
/** 100 bought at 10 and marked at 12: 200 to the good, none of it realised. */
const books: Books = {
  listed: ['A'],
  orders: [order],
  fills: [fill],
  positions: [
    {
      symbol: 'SPY',
      quantity: amount('100'),
      averagePrice: amount('10'),
      marketValue: amount('1200'),
      unrealised: amount('200'),
      realised: 0n,
    },
  ],
  realised: 0n,
};
const failing = (kept: Ledger, shown: Books): readonly string[] =>
  proofsOf(kept, shown)
    .filter(({ isGood }) => !isGood)
    .map(({ what }) => what);

test('books that agree with what the clients saw pass', () => {
  expect(failing(ledger(), books)).toEqual([]);
});

describe('one thing wrong is found', () => {
  const [once, strangers, executed, executions, positions, money] = proofsOf(ledger(), books).map(
    ({ what }) => what,
  );
  const stranger = { ...order, orderId: 'B', clientOrderId: 'demo-1', executed: 0n };

  test.each<[string, Partial<Books>, (string | undefined)[]]>([
    ['an acknowledged order is gone', { listed: [], orders: [], fills: [], positions: [] }, [once]],
    ['it is listed twice', { listed: ['A', 'A'] }, [once]],
    ['its price is another', { orders: [{ ...order, price: amount('11') }] }, [once]],
    ['its owner is another', { orders: [{ ...order, user: 'ben' }] }, [once]],
    ['it was taken twice', { listed: ['A', 'B'], orders: [order, stranger] }, [strangers]],
    ['it executed more than its fills', { orders: [{ ...order, executed: amount('99') }] }, [executed]],
    ['it executed more than was asked', { orders: [{ ...order, quantity: amount('99') }] }, [once, executed]],
    ['an execution counted twice', { fills: [fill, fill] }, [executed, executions, positions, money]],
    [
      'a position is not the fold',
      { positions: books.positions.map((p) => ({ ...p, quantity: 1n })) },
      [positions],
    ],
    ['a position nobody traded', { positions: [...books.positions, position('QQQ')] }, [positions]],
    ['profit came from nowhere', { realised: amount('0.01') }, [money]],
  ])('%s', (_title, wrong, expected) => {
    expect(failing(ledger(), { ...books, ...wrong })).toEqual(expected);
  });

  function position(symbol: string): Books['positions'][number] {
    return {
      symbol,
      quantity: amount('1'),
      averagePrice: undefined,
      marketValue: 0n,
      unrealised: 0n,
      realised: 0n,
    };
  }
});

test('a day without one acknowledged order proves nothing', () => {
  expect(failing(new Ledger(), { ...books, listed: [], orders: [], fills: [], positions: [] })).toHaveLength(
    1,
  );
});
