/** The failure table: every row's figures are measured by some test, and every figure has its row. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FAILURES, FIGURES, type Figures, pauseOf } from './failures.ts';

const root = join(import.meta.dirname, '..', '..');
const TESTS = join(root, 'test', 'stack', 'failures');
const named = FAILURES.flatMap(({ measured }) => measured);

test('every figure that is kept has a row, and one only', () => {
  const kept = Object.keys(JSON.parse(readFileSync(join(root, FIGURES), 'utf8')) as Figures);
  expect(kept.toSorted()).toEqual(named.toSorted());
});

test('every figure is one that a test measures', () => {
  const tests = readdirSync(TESTS).filter((name) => name.endsWith('.stack.test.ts') || name === 'cuts.ts');
  const text = tests.map((name) => readFileSync(join(TESTS, name), 'utf8')).join('');
  const titles = named.map((name) => name.replace(/^rolling restart of | cut for \d+ s$/g, ''));
  expect(titles.filter((title) => !text.includes(`'${title}'`))).toEqual([]);
});

test.each([
  [[], ''],
  [['a'], '1.0 s'],
  [['b', 'a', 'c'], '1.0 to 3.5 s'],
  [['a', 'd'], '1.0 s'],
])('the pause of %j is %j', (measured, pause) => {
  expect(pauseOf({ measured }, { a: 1, b: 3.5, c: 2, d: 1.04 })).toBe(pause);
});

test('a row whose figure is missing is no row', () => {
  expect(() => pauseOf({ measured: ['a', 'gone'] }, { a: 1 })).toThrow('gone was not measured');
});
