import { expect, test } from 'vitest';
import type { Micros } from '../core/values/names.ts';
import { RecentIds } from './recent-ids.ts';

const KEPT_MS = 40_000;

function stage(bounds: { idsMax?: number; idsMin?: number } = {}) {
  let nowMs = 0;
  const ids = new RecentIds({
    keptMs: KEPT_MS,
    now: () => (1_000 * nowMs) as Micros,
    idsMax: 1_024,
    idsMin: 16,
    ...bounds,
  });
  return {
    ids,
    /** Adds `count` ids in the course of `ms`, and says when each was added. */
    pass(ms: number, count: number): (readonly [string, number])[] {
      const beganMs = nowMs;
      return Array.from({ length: count }, (_, n) => {
        nowMs = beganMs + ((n + 1) * ms) / count;
        const id = `${nowMs}`;
        ids.add(id);
        return [id, nowMs] as const;
      });
    },
  };
}

test('an id is known for as long as it must be, however many come, and forgotten some time after', () => {
  const { ids, pass } = stage();
  const all = pass(10 * KEPT_MS, 4_000);
  const end = 10 * KEPT_MS;
  expect(all.filter(([id, at]) => at >= end - KEPT_MS && !ids.has(id))).toEqual([]);
  expect(all.filter(([id, at]) => at < end - 2 * KEPT_MS && ids.has(id))).toEqual([]);
});

test('it says from when on it knows them all', () => {
  const { ids, pass } = stage();
  expect(ids.since).toBeUndefined();
  const all = pass(10 * KEPT_MS, 4_000);
  const since = Number(ids.since) / 1_000;
  expect(since).toBeLessThanOrEqual(9 * KEPT_MS);
  expect(since).toBeGreaterThan(8 * KEPT_MS);
  expect(all.every(([id, at]) => at < since || ids.has(id))).toBe(true);
});

test('where few come none is forgotten, however long ago it came', () => {
  const { ids, pass } = stage({ idsMin: 1_024 });
  const all = pass(100 * KEPT_MS, 1_000);
  expect(all.every(([id]) => ids.has(id))).toBe(true);
  expect(ids.since).toBeUndefined();
});

test('beyond its bound the oldest go before their time, and it says so', () => {
  const { ids, pass } = stage();
  const all = pass(KEPT_MS, 4_096);
  const kept = all.filter(([id]) => ids.has(id));
  expect(kept.length).toBeLessThanOrEqual(1_024);
  expect(kept.length).toBeGreaterThanOrEqual(1_024 / 2);
  const since = Number(ids.since) / 1_000;
  expect(all.filter(([id, at]) => at >= since && !ids.has(id))).toEqual([]);
  expect(kept.every(([, at]) => at >= since)).toBe(true);
});
