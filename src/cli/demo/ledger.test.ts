/** The clients' ledger: what counts as a promise, what is still unheard, and which rule said no. */
import { expect, test } from 'vitest';
import type { OrderRequest, Outcome } from './api-client.ts';
import { Ledger, orderIdOf, rulesOf } from './ledger.ts';

const order = (clientOrderId: string): OrderRequest => ({
  symbol: 'SPY',
  side: 'BUY',
  type: 'MARKET',
  quantity: 1n,
  price: undefined,
  strategy: 'taker',
  clientOrderId,
});
const approved: Outcome = { kind: 'answered', orderId: 'A', status: 'APPROVED', message: '' };
const rejected = (message: string): Outcome => ({
  kind: 'answered',
  orderId: 'A',
  status: 'REJECTED',
  message,
});
const unheard: Outcome = { kind: 'unheard', why: 'fetch failed' };

test('no two orders get the same client order id', () => {
  const ledger = new Ledger();
  expect(new Set([ledger.nextId(), ledger.nextId(), ledger.nextId()]).size).toBe(3);
});

test('an order without an answer stays unheard until an answer names its id', () => {
  const ledger = new Ledger();
  ledger.record('ada', order('1'), unheard);
  expect(ledger.unheard).toHaveLength(1);
  expect(ledger.acknowledged).toHaveLength(0);
  ledger.record('ada', order('1'), { kind: 'duplicate', orderId: 'A' });
  expect(ledger.unheard).toHaveLength(0);
  expect(ledger.acknowledged.map(orderIdOf)).toEqual(['A']);
});

test('a conflict promises nothing to the order that caused it', () => {
  const ledger = new Ledger();
  ledger.record('ada', order('1'), { kind: 'conflict', orderId: 'A' });
  expect(ledger.acknowledged).toHaveLength(0);
});

test.each<[Outcome, readonly string[]]>([
  [approved, []],
  [unheard, []],
  [rejected('Risk violations: POSITION_LIMIT, OFF_TICK'), ['POSITION_LIMIT', 'OFF_TICK']],
  [rejected('Kill switch is active - all trading halted'), ['KILL_SWITCH_ACTIVE']],
  [{ kind: 'conflict', orderId: 'A' }, ['CLIENT_ORDER_ID_CONFLICT']],
  [{ kind: 'refused', status: 429, code: 'RATE_LIMITED', detail: '' }, ['RATE_LIMITED']],
])('%j was refused by %j', (outcome, rules) => {
  expect(rulesOf(outcome)).toEqual(rules);
});

test('refusals are counted by rule, the most frequent first', () => {
  const ledger = new Ledger();
  for (const id of ['1', '2']) ledger.record('ada', order(id), rejected('Risk violations: POSITION_LIMIT'));
  ledger.record('ada', order('3'), rejected('Risk violations: UNKNOWN_SYMBOL'));
  expect([...ledger.refusalsByRule]).toEqual([
    ['POSITION_LIMIT', 2],
    ['UNKNOWN_SYMBOL', 1],
  ]);
});
