import { expect, test } from 'vitest';
import type { VenueReport } from '../core/commands.ts';
import { price, quantity } from '../core/values/fixed-point.ts';
import type { ExecutionId, OrderId } from '../core/values/names.ts';
import { Deadlines } from './deadlines.ts';
import { DelayLine } from './delay-line.ts';
import { Fifo } from './fifo.ts';
import { FinishedOrders } from './finished-orders.ts';
import { Gate } from './gate.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a queue gives back what it was given, in order, however it grows and shrinks', () => {
  const queue = new Fifo<number>();
  const given: number[] = [];
  const taken: number[] = [];
  for (let i = 0; i < 1_000; i += 1) {
    queue.push(i);
    given.push(i);
    expect(queue.peek()).toBe(taken.length);
    for (let n = i % 3; n > 0 && queue.length > 0; n -= 1) taken.push(queue.shift() ?? -1);
  }
  while (queue.length > 0) taken.push(queue.shift() ?? -1);
  expect(taken).toEqual(given);
  expect([queue.peek(), queue.shift(), queue.length]).toEqual([undefined, undefined, 0]);
});

test('a line delivers in the order of sending, whatever the delays, and at once without any', async () => {
  const line = new DelayLine();
  const arrived: string[] = [];
  line.send(0, () => arrived.push('at once'));
  expect(arrived).toEqual(['at once']);
  line.send(8, () => arrived.push('slow'));
  line.send(0, () => arrived.push('behind it'));
  line.send(1, () => arrived.push('last'));
  expect(arrived).toEqual(['at once']);
  await expect.poll(() => arrived).toEqual(['at once', 'slow', 'behind it', 'last']);
});

test('a deadline that is met does nothing, one that is not expires', async () => {
  const deadlines = new Deadlines(5);
  const expired: string[] = [];
  const meets = ['a', 'b', 'c'].map((name) => deadlines.set(() => expired.push(name)));
  meets[1]?.();
  await expect.poll(() => expired).toEqual(['a', 'c']);
  const meet = deadlines.set(() => expired.push('d'));
  meet();
  meet();
  await pause(20);
  expect(expired).toEqual(['a', 'c']);
});

test('a gate lets so many in, the urgent first, and the next when one leaves or fails', async () => {
  const gate = new Gate(1);
  const entered: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = (name: string, until?: Promise<void>) => async (): Promise<void> => {
    entered.push(name);
    await until;
    if (name === 'fails') throw new Error(name);
  };
  const all = [
    gate.pass(false, work('first', promise)),
    gate.pass(false, work('fails')),
    gate.pass(false, work('last')),
    gate.pass(true, work('urgent')),
  ];
  expect([gate.inside, gate.waiting]).toEqual([1, 3]);
  resolve();
  await Promise.allSettled(all);
  expect(entered).toEqual(['first', 'urgent', 'fails', 'last']);
  expect([gate.inside, gate.waiting]).toEqual([0, 0]);
});

const EVERY_REPORT: readonly VenueReport[] = [
  { kind: 'acknowledged' },
  {
    kind: 'filled',
    executionId: 'S1-7' as ExecutionId,
    quantity: quantity('0.00000001'),
    price: price('-3.5'),
  },
  { kind: 'rejected', why: 'two  spaces' },
  { kind: 'undelivered', why: '' },
  { kind: 'cancelRejected', why: 'no' },
  { kind: 'canceled' },
  { kind: 'expired' },
];

test('a finished order comes out of its packing as it went in, whatever was said of it', () => {
  const orders = new FinishedOrders(2);
  orders.keep('A' as OrderId, { reports: EVERY_REPORT, firstWords: 3 });
  orders.keep('B' as OrderId, { reports: [], firstWords: 0 });
  expect(orders.find('A' as OrderId)).toEqual({ reports: EVERY_REPORT, firstWords: 3 });
  expect(orders.find('B' as OrderId)).toEqual({ reports: [], firstWords: 0 });
  orders.keep('C' as OrderId, { reports: [], firstWords: 0 });
  expect(orders.count).toBe(3); // nobody said that they may be forgotten
  for (const id of ['A', 'B', 'C']) orders.mayForget(id as OrderId);
  expect([orders.find('A' as OrderId), orders.count]).toEqual([undefined, 2]);
});
