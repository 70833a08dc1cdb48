import { expect, test } from 'vitest';
import type { Micros } from '../core/values/names.ts';
import { Pace } from './pace.ts';

const seconds = (count: number): Micros => (count * 1_000_000) as Micros;

test('the first instant is due at once, the next after its distance divided by the speed', () => {
  const pace = new Pace(60, 900_000);
  expect(pace.dueAt(seconds(1_000), 5)).toBe(5);
  expect(pace.dueAt(seconds(1_015), 5)).toBe(5 + 250);
});

test('what was given late is caught up', () => {
  const pace = new Pace(1, 900_000);
  pace.dueAt(seconds(0), 0);
  pace.dueAt(seconds(1), 300);
  expect(pace.dueAt(seconds(2), 1_700)).toBe(2_000);
});

test('a silence longer than the longest is shortened to it', () => {
  const pace = new Pace(2, 60_000);
  pace.dueAt(seconds(0), 0);
  expect(pace.dueAt(seconds(8 * 3600), 0)).toBe(30_000);
});

test('at infinite speed all is due at once', () => {
  const pace = new Pace(Number.POSITIVE_INFINITY, 60_000);
  pace.dueAt(seconds(0), 7);
  expect(pace.dueAt(seconds(3600), 9)).toBe(7);
});

test('a pause makes nothing hurry afterwards', () => {
  const pace = new Pace(1, 900_000);
  pace.dueAt(seconds(0), 0);
  pace.restart();
  expect(pace.dueAt(seconds(1), 50_000)).toBe(51_000);
});

test.each([0, -1, Number.NaN])('a speed of %s is refused', (speed) => {
  expect(() => new Pace(speed, 1)).toThrow('positive');
});
