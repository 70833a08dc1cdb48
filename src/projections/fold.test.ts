/** Laws of the views' fold: whatever happened, the rows say what the core knows. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFinished } from '../core/orders/lifecycle.ts';
import { positionsOf } from '../core/positions/book.ts';
import { FLAT, settle } from '../core/positions/holding.ts';
import { productOf } from '../core/values/fixed-point.ts';
import { HOUSE_ACCOUNT, type Position } from '../core/values/names.ts';
import type { CommittedBatch } from '../journal/entry.ts';
import { Fold } from './fold.ts';
import type { Changes, CreatedOrder, EventRecord, ExecutionRecord, Flight, PositionRecord } from './rows.ts';
import { anyAct, batchesOf, Trading } from './testing/trading.ts';

/** What SQL would hold after the changes. */
class Tables {
  readonly events: EventRecord[] = [];
  readonly executions: ExecutionRecord[] = [];
  readonly orders = new Map<string, Omit<CreatedOrder, 'flight'> & { flight: Readonly<Flight> }>();
  readonly positions = new Map<string, PositionRecord>();
  readonly counts = new Map<string, number>();

  write(changes: Changes): void {
    this.events.push(...changes.events);
    this.executions.push(...changes.executions);
    for (const row of changes.created) this.orders.set(row.order.orderId, row);
    for (const flight of changes.updated) {
      const row = this.orders.get(flight.orderId);
      if (row === undefined) throw new Error('an update of no row');
      this.orders.set(flight.orderId, { ...row, flight });
    }
    for (const row of changes.positions) this.positions.set(`${row.account} ${row.ticker}`, row);
    for (const { user, ticker, status, n } of changes.counts) {
      const key = `${user} ${ticker} ${status}`;
      const sum = (this.counts.get(key) ?? 0) + n;
      if (sum === 0) this.counts.delete(key);
      else this.counts.set(key, sum);
    }
  }

  flights(ids: readonly string[]): Flight[] {
    return ids.flatMap((id) => {
      const flight = this.orders.get(id)?.flight;
      return flight === undefined ? [] : [{ ...flight }];
    });
  }
}

/** Folds as the projector does: a transaction every `every` batches; a restart from the tables where `restarts` says. */
function project(batches: readonly CommittedBatch[], every: number, restartEvery = 0, flightsMax?: number) {
  const tables = new Tables();
  let fold = new Fold('main', 0 as Position, [], flightsMax);
  batches.forEach((batch, i) => {
    fold.remember(tables.flights(fold.unknown(batch)));
    fold.apply(batch);
    if (i % every === every - 1) tables.write(fold.take());
    if (restartEvery > 0 && i % restartEvery === restartEvery - 1) {
      tables.write(fold.take());
      fold = new Fold('main', fold.position, [...tables.positions.values()], flightsMax);
    }
  });
  tables.write(fold.take());
  return tables;
}

const histories = fc
  .array(anyAct, { minLength: 1, maxLength: 120 })
  .map((acts) => new Trading().act(...acts))
  .map(({ state, entries }) => ({ state, entries }));

describe('whatever is traded', () => {
  test('working orders stand as the core has them, and all others are finished', () => {
    fc.assert(
      fc.property(histories, ({ state, entries }) => {
        const { orders } = project(batchesOf(entries, 3), 2);
        for (const { flight } of orders.values()) {
          const working = state.orders.get(flight.orderId);
          expect(isFinished(flight.status)).toBe(working === undefined);
          if (working === undefined) continue;
          expect(flight.status).toBe(working.status);
          expect(flight.quantity - flight.filled).toBe(working.leaves);
        }
        for (const id of state.orders.keys()) expect(orders.has(id)).toBe(true);
      }),
    );
  });

  test('executed quantity is the sum of the fills, and positions are the fold of settle over them', () => {
    fc.assert(
      fc.property(histories, ({ state, entries }) => {
        const { orders, executions, positions } = project(batchesOf(entries, 3), 2);
        const filled = new Map<string, bigint>();
        const held = new Map<string, typeof FLAT>();
        for (const { orderId, account, ticker, side, quantity, price, realised } of executions) {
          filled.set(orderId, (filled.get(orderId) ?? 0n) + quantity);
          const key = `${account} ${ticker}`;
          const settled = settle(held.get(key) ?? FLAT, side, quantity, productOf(price, quantity));
          expect(realised).toBe(settled.realised);
          held.set(key, settled.holding);
        }
        for (const { flight } of orders.values()) {
          expect(flight.filled).toBe(filled.get(flight.orderId) ?? 0n);
        }
        expect(new Map([...positions].map(([key, { holding }]) => [key, holding]))).toEqual(held);
        for (const { ticker, units, cost, realised } of positionsOf(state)) {
          const position = positions.get(`${HOUSE_ACCOUNT} ${ticker}`)?.holding ?? FLAT;
          expect(position).toEqual({ units, cost, realised });
        }
      }),
    );
  });

  test('how the journal is cut, redelivered, forgotten or restarted changes no row', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 9 }), ({ entries }, size) => {
        const whole = project(batchesOf(entries, 1_000), 1);
        const cut = project(batchesOf(entries, size), 1, 3, 2);
        const twice = project(
          batchesOf(entries, size).flatMap((batch) => [batch, batch]),
          2,
        );
        expect(cut).toEqual(whole);
        expect(twice).toEqual(whole);
      }),
    );
  });

  test('event ids are unique and ascend, and every order is counted once', () => {
    fc.assert(
      fc.property(histories, ({ entries }) => {
        const { events, orders, counts } = project(batchesOf(entries, 5), 1);
        const ids = events.map(({ eventId }) => eventId);
        expect(ids).toEqual([...new Set(ids)].sort());
        expect([...counts.values()].every((n) => n > 0)).toBe(true);
        expect([...counts.values()].reduce((sum, n) => sum + n, 0)).toBe(orders.size);
      }),
    );
  });

  test('every payload is JSON that says where the fact is in the journal', () => {
    fc.assert(
      fc.property(histories, ({ entries }) => {
        for (const { payload } of project(batchesOf(entries, 5), 1).events) {
          expect(JSON.parse(payload)).toMatchObject({ journal_position: expect.any(Number) });
        }
      }),
    );
  });
});

test('a gap in the journal stops the fold', () => {
  const [first, , third] = batchesOf(
    new Trading().act(
      { kind: 'place', side: 'BUY', units: 1, cents: 100 },
      { kind: 'place', side: 'BUY', units: 1, cents: 100 },
    ).entries,
    1,
  );
  const fold = new Fold('main', 0 as Position, []);
  if (first === undefined || third === undefined) throw new Error('three batches were made');
  fold.apply(first);
  expect(() => fold.apply(third)).toThrow('no gap');
});
