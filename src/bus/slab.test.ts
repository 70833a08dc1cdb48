import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slab } from './slab.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 2_000 }),
  fc.nat(120_000).map((length) => 'é€'.repeat(length)),
);

test('every text is its own UTF-8 and stays that, however many come after it', () => {
  const kept = fc.property(fc.array(anyText, { maxLength: 20 }), (texts) => {
    const slab = new Slab();
    const bytes = texts.map((text) => slab.bytesOf(text));
    expect(bytes.map(String)).toEqual(texts.map((text) => Buffer.from(text).toString()));
  });
  fc.assert(kept, { numRuns: 50 });
});

test('short texts share one large buffer', () => {
  const slab = new Slab();
  expect(slab.bytesOf('one').buffer).toBe(slab.bytesOf('two').buffer);
});
