/** A view comes back from its text as it went in, to the last decimal; what is no view is none. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNewer, type ShardView } from './shard-view.ts';
import { anyView } from './testing/any-view.ts';
import { decodeView, encodeView } from './view-codec.ts';

test('a view survives its text', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      expect(decodeView(encodeView(view))).toEqual(view);
    }),
  );
});

test('and PostgreSQL’s rewriting of it: keys in another order, spaces between', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      const keys = Object.entries(JSON.parse(encodeView(view)) as object).reverse();
      expect(decodeView(JSON.stringify(Object.fromEntries(keys), undefined, 2))).toEqual(view);
    }),
  );
});

test('a text that is cut, changed in kind, or of another version is no view', () => {
  fc.assert(
    fc.property(anyView, fc.double({ min: 0, max: 0.99, noNaN: true }), (view, share) => {
      const text = encodeView(view);
      expect(decodeView(text.slice(0, Math.floor(text.length * share)))).toBeUndefined();
      expect(decodeView(text.replace('"version":1', '"version":2'))).toBeUndefined();
      for (const key of ['shard', 'epoch', 'position', 'at', 'is_open', 'limits', 'metrics', 'positions']) {
        const changed = { ...(JSON.parse(text) as object), [key]: undefined };
        expect(decodeView(JSON.stringify(changed)), key).toBeUndefined();
      }
    }),
    { numRuns: 30 },
  );
  expect(decodeView('null')).toBeUndefined();
});

test('newer is a later writer, then a further position, then a later look', () => {
  const [view] = fc.sample(anyView, 1) as [ShardView];
  const base = { ...view, epoch: 2, position: 10 as never, at: 100 as never };
  expect(isNewer(base, undefined)).toBe(true);
  expect(isNewer({ ...base, epoch: 3, position: 9 as never }, base)).toBe(true);
  expect(isNewer({ ...base, position: 9 as never, at: 900 as never }, base)).toBe(false);
  expect(isNewer({ ...base, at: 101 as never }, base)).toBe(true);
  expect(isNewer(base, base)).toBe(false);
});
