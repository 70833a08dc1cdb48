import { describe, expect, test } from 'vitest';
import { buy, order } from '../testing/story.ts';
import { isSame } from '../testing/trial.ts';
import { type Quantity, SCALE } from '../values/fixed-point.ts';
import type { ClientOrderId, ExecutionId, OrderId } from '../values/names.ts';
import { ClientOrderIds } from './client-order-ids.ts';
import { ExecutionIds } from './execution-ids.ts';
import type { Order } from './order.ts';

const MANY = 100_000;
const pattern = buy('B', '100', '150');
const uuid = (n: number): OrderId =>
  `0190${n.toString(16).padStart(4, '0').slice(-4)}-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as OrderId;
/** The `n`th order: close to its neighbours in id, client id and content, as a machine's are. */
const orders = Array.from(
  { length: 2 * MANY },
  (_, n): Order => ({
    ...pattern,
    orderId: uuid(n),
    clientOrderId: `algo-${n}` as ClientOrderId,
    quantity: (BigInt(n + 1) * SCALE) as Quantity,
  }),
);
const numbered = (n: number): Order => orders[n] ?? pattern;
const idOf = (one: Order): ClientOrderId => one.clientOrderId as ClientOrderId;
const full = (): ClientOrderIds => {
  const ids = new ClientOrderIds();
  for (let n = 0; n < MANY; n++) ids.add(numbered(n), idOf(numbered(n)));
  return ids;
};

describe('client order ids', () => {
  test('of a hundred thousand orders each leads to its own order, and no other id to any', () => {
    const ids = full();
    let wrong = 0;
    for (let n = 0; n < MANY; n++) {
      const found = ids.find(numbered(n), idOf(numbered(n)));
      if (found?.orderId !== uuid(n) || !found.isSameContent) wrong++;
      if (ids.find(numbered(n + MANY), idOf(numbered(n + MANY))) !== undefined) wrong++;
    }
    expect(wrong).toBe(0);
  });

  test.each([
    ['quantity', { quantity: '101' }],
    ['price', { price: '150.01' }],
    ['side', { side: 'SELL' }],
    ['instrument', { ticker: 'MSFT' }],
    ['type', { type: 'MARKET' }],
  ] as const)('another %s is other content', (_, words) => {
    const ids = new ClientOrderIds();
    const id = 'mine' as ClientOrderId;
    ids.add(order('B1'), id);
    expect(ids.find(order('B2'), id)).toEqual({ orderId: order('B1').orderId, isSameContent: true });
    expect(ids.find(order('B2', words), id)).toEqual({ orderId: order('B1').orderId, isSameContent: false });
  });

  test("are each user's own, however user and id are cut", () => {
    const ids = new ClientOrderIds();
    ids.add(order('B1', { user: 'ab' }), 'c' as ClientOrderId);
    expect(ids.find(order('B1', { user: 'a' }), 'bc' as ClientOrderId)).toBeUndefined();
  });

  test('are the same after a dump and a restore, and go on alike', () => {
    const ids = full();
    const twin = ClientOrderIds.restore(ids.dump());
    expect(isSame(twin.dump(), ids.dump())).toBe(true);
    for (let n = MANY; n < MANY + 20_000; n++) {
      ids.add(numbered(n), idOf(numbered(n)));
      twin.add(numbered(n), idOf(numbered(n)));
    }
    expect(isSame(twin.dump(), ids.dump())).toBe(true);
    expect(twin.find(numbered(7), idOf(numbered(7)))?.orderId).toBe(uuid(7));
  });

  test('a dump is a copy: what is added later is not in it', () => {
    const ids = new ClientOrderIds();
    const empty = ids.dump();
    ids.add(numbered(1), idOf(numbered(1)));
    expect(ClientOrderIds.restore(empty).find(numbered(1), idOf(numbered(1)))).toBeUndefined();
  });

  test('are all free on a new day', () => {
    const ids = full();
    ids.startDay();
    expect(isSame(ids.dump(), new ClientOrderIds().dump())).toBe(true);
  });

  test('cost less than 50 bytes each', () => {
    const [, chunks, index] = full().dump() as [number, readonly Uint8Array[], Uint8Array];
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, index.length);
    expect(bytes / MANY).toBeLessThan(50);
  });
});

describe('execution ids', () => {
  const execution = (n: number): ExecutionId => `SIM-k3f-${n}` as ExecutionId;
  const filledUp = (): ExecutionIds => {
    const ids = new ExecutionIds();
    for (let n = 0; n < MANY; n++) ids.add(execution(n));
    return ids;
  };
  /** How many of the executions from `first` on are remembered. */
  const count = (ids: ExecutionIds, first: number): number => {
    let remembered = 0;
    for (let n = first; n < first + MANY; n++) if (ids.has(execution(n))) remembered++;
    return remembered;
  };

  test('of a hundred thousand executions each is remembered, and no other', () => {
    const ids = filledUp();
    expect(count(ids, 0)).toBe(MANY);
    expect(count(ids, MANY)).toBe(0);
  });

  test('are remembered through the next day and forgotten on the one after', () => {
    const ids = filledUp();
    ids.startDay();
    ids.add(execution(MANY));
    expect(count(ids, 0)).toBe(MANY);
    ids.startDay();
    expect(count(ids, 0)).toBe(0);
    expect(ids.has(execution(MANY))).toBe(true);
  });

  test('are the same after a dump and a restore, and go on alike', () => {
    const ids = filledUp();
    ids.startDay();
    ids.add(execution(MANY));
    const twin = ExecutionIds.restore(ids.dump());
    for (const one of [ids, twin]) for (let n = 0; n < 20_000; n++) one.add(execution(2 * MANY + n));
    expect(isSame(twin.dump(), ids.dump())).toBe(true);
    expect([count(twin, 0), count(twin, MANY), count(twin, 2 * MANY)]).toEqual([MANY, 1, 20_000]);
  });

  test('added twice are held once', () => {
    const ids = new ExecutionIds();
    ids.add(execution(1));
    const once = ids.dump();
    ids.add(execution(2));
    ids.add(execution(1));
    const [[size]] = ids.dump() as [[number]];
    expect(size).toBe(2);
    expect((once as [[number]])[0][0]).toBe(1);
  });

  test('cost less than 25 bytes each', () => {
    const [[, slots]] = filledUp().dump() as [[number, Uint8Array]];
    expect(slots.length / MANY).toBeLessThan(25);
  });
});
