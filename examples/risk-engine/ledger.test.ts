import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { readOrder } from './envelope.ts';
import { Ledger, type OrderCreated } from './ledger.ts';

const order = (id: string): OrderCreated => ({
  source: '/itirp/shards/s1',
  id,
  symbol: 'AAPL',
  side: 'BUY',
  quantity: '100',
  price: '150.25',
});

function aFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'itirp-ledger-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'risk-engine.db');
}

const countedIn = (file: string): number => {
  const ledger = new Ledger(file);
  const [found] = ledger.exposures();
  ledger.close();
  return found?.orders ?? 0;
};

test('what comes again is known: in one batch, to another member of the group, and after a restart', () => {
  const file = aFile();
  const [one, other] = [new Ledger(file), new Ledger(file)];
  expect(one.count([order('a'), order('b'), order('a')])).toBe(2);
  expect(other.count([order('b'), order('c')])).toBe(1);
  one.close();
  other.close();
  expect(new Ledger(file).count([order('a'), order('b'), order('c')])).toBe(0);
  expect(countedIn(file)).toBe(3);
});

test('an id is not forgotten: a publisher that has lost its place tells the whole journal again', () => {
  const file = aFile();
  new Ledger(file).count([order('a')]);
  const database = new DatabaseSync(file);
  database.exec("update seen set seen_at = datetime('now', '-400 days')");
  database.close();
  expect(new Ledger(file).count([order('a')])).toBe(0);
});

test('what is no order is set aside once, with its place and the reason, and those around it are counted', () => {
  const ledger = new Ledger(aFile());
  const poison = { topic: 'orders.created', partition: 3, offset: 7n, reason: 'it is no JSON' };
  expect(ledger.count([order('a'), order('b')], [poison])).toBe(2);
  expect(ledger.count([], [poison])).toBe(0);
  expect(ledger.setAside()).toEqual([poison]);
});

const envelope = (payload: object, more: object = {}) =>
  Buffer.from(JSON.stringify({ source: '/itirp/shards/s1', id: 'a', data: { payload }, ...more }));
const payload = { symbol: 'AAPL', side: 'BUY', quantity: '100', price: '150.25' };

test('an order reads, with a limit and without', () => {
  expect(readOrder(envelope(payload))).toEqual(order('a'));
  expect(readOrder(envelope({ ...payload, price: undefined }))).toEqual({ ...order('a'), price: undefined });
});

test.each<[string, Buffer | null, RegExp]>([
  ['a tombstone', null, /no JSON/],
  ['no JSON', Buffer.from('{"source":'), /no JSON/],
  ['JSON of another kind', Buffer.from('null'), /no source/],
  ['an envelope without an id', envelope(payload, { id: undefined }), /no source and id/],
  ['an envelope without a payload', envelope(payload, { data: 'text' }), /no symbol/],
  ['a side that is none', envelope({ ...payload, side: 'BOTH' }), /side is BOTH/],
  ['a quantity as a number', envelope({ ...payload, quantity: 100 }), /quantity is 100/],
  ['an amount finer than a unit', envelope({ ...payload, price: '1.123456789' }), /price is 1\.123456789/],
  ['an amount with an exponent', envelope({ ...payload, quantity: '1e5' }), /quantity is 1e5/],
])('%s is no order, and that is said and not thrown', (_title, value, reason) => {
  expect(readOrder(value)).toMatch(reason);
});
