/** The table of working orders holds to what a Map would say. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idOf, order } from '../testing/story.ts';
import type { Price } from '../values/fixed-point.ts';
import type { OrderId } from '../values/names.ts';
import type { WorkingOrder } from './order.ts';
import { WorkingOrders } from './working-orders.ts';

const working = (name: string): WorkingOrder => {
  const asked = order(name);
  return {
    order: asked,
    slot: 0,
    status: 'New',
    leaves: asked.quantity,
    reservePrice: 1n as Price,
    boundPrice: 1n as Price,
    executions: undefined,
  } as WorkingOrder;
};
const id = (name: string): OrderId => idOf(name) as OrderId;

test('whatever is added and deleted, it answers as a Map does', () => {
  const step = fc.record({ name: fc.integer({ min: 0, max: 40 }), isAdding: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const table = new WorkingOrders();
      const model = new Map<OrderId, WorkingOrder>();
      for (const { name, isAdding } of steps) {
        const one = working(`n${name}`);
        const { orderId } = one.order;
        if (isAdding === model.has(orderId)) continue;
        if (isAdding) {
          table.add(one);
          model.set(orderId, one);
        } else {
          table.delete(orderId);
          model.delete(orderId);
        }
        expect(table.size).toBe(model.size);
      }
      for (let name = 0; name <= 40; name++)
        expect(table.get(id(`n${name}`))).toBe(model.get(id(`n${name}`)));
      expect(table.byId().map(({ order }) => order.orderId)).toEqual([...model.keys()].sort());
      expect(new Set(table.keys())).toEqual(new Set(model.keys()));
    }),
  );
});

test('a hundred thousand orders come and go through growth and full neighbourhoods', () => {
  const table = new WorkingOrders();
  const all = Array.from({ length: 100_000 }, (_, i) => working(`${i}`));
  for (const one of all) table.add(one);
  all.forEach((one, i) => {
    if (i % 3 !== 0) table.delete(one.order.orderId);
  });
  expect(table.size).toBe(33_334);
  for (const [i, one] of all.entries()) expect(table.has(one.order.orderId)).toBe(i % 3 === 0);
});

test('what is there already, and what is not there, is a broken invariant', () => {
  const table = new WorkingOrders();
  table.add(working('A'));
  expect(() => table.add(working('A'))).toThrow(/is new/);
  expect(() => table.delete(id('B'))).toThrow(/works/);
});
