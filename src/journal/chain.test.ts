/** The seal: written out once by hand, and different whatever is different. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Micros, Position } from '../core/values/names.ts';
import { EMPTY, hashOf, headAfter, sealAfter } from './chain.ts';
import type { SealedBatch } from './journal.ts';

const body = Buffer.from('body');
const genesis = sealAfter(EMPTY, { shard: 'main', count: 3, epoch: 2, recordedAt: 5 as Micros, body });

test('the hashed bytes are those that the file describes', () => {
  const numbers = [1, 3, 2, 5].map((number) => Buffer.from(number.toString(16).padStart(16, '0'), 'hex'));
  const bytes = Buffer.concat([
    Buffer.from('itirp journal row 1\n'),
    Buffer.from([0, 4]),
    Buffer.from('main'),
    ...numbers,
    Buffer.alloc(32),
    body,
  ]);
  expect(genesis.hash.equals(createHash('sha256').update(bytes).digest())).toBe(true);
  expect(genesis.hash.toString('hex')).toBe(
    '5dca6ebbad41aff53ca4a3efefc3d7acd4ae46c88f20f623c9ceba502af23acd',
  );
});

test('a row whose commands came over a bus has its source in the seal, as the file describes', () => {
  const source = { source: 'c/t/0', offset: 258n };
  const sealed = sealAfter(EMPTY, { ...genesis, source });
  const numbers = [1, 3, 2, 5].map((number) => Buffer.from(number.toString(16).padStart(16, '0'), 'hex'));
  const bytes = Buffer.concat([
    Buffer.from('itirp journal row 2\n'),
    Buffer.from([0, 4]),
    Buffer.from('main'),
    ...numbers,
    Buffer.alloc(32),
    Buffer.from([0, 5]),
    Buffer.from('c/t/0'),
    Buffer.from([0, 0, 0, 0, 0, 0, 1, 2]),
    body,
  ]);
  expect(sealed.hash.equals(createHash('sha256').update(bytes).digest())).toBe(true);
  expect(hashOf({ ...sealed, source: { ...source, offset: 259n } }).equals(sealed.hash)).toBe(false);
});

test('a batch follows the one before: next position, its hash', () => {
  const head = headAfter(genesis);
  expect(head).toEqual({ position: 3, hash: genesis.hash });
  const next = sealAfter(head, { shard: 'main', count: 1, epoch: 2, recordedAt: 6 as Micros, body });
  expect(next).toMatchObject({ firstPosition: 4, previousHash: genesis.hash });
});

test('whatever is changed changes the hash', () => {
  const anyChange = fc.oneof(
    fc
      .integer({ min: 2, max: 1_000_000 })
      .map((firstPosition) => ({ firstPosition: firstPosition as Position })),
    fc.integer({ min: 4, max: 1_000_000 }).map((count) => ({ count })),
    fc.integer({ min: 3, max: 1_000_000 }).map((epoch) => ({ epoch })),
    fc.maxSafeNat().map((at) => ({ recordedAt: (at === 5 ? 6 : at) as Micros })),
    fc.string().map((shard) => ({ shard: `${shard}.` })),
    fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => ({ previousHash: Buffer.from(bytes).fill(1, 0, 1) })),
    fc.uint8Array().map((bytes) => ({ body: Buffer.concat([bytes, body]).fill(0, 0, 1) })),
  );
  fc.assert(
    fc.property(anyChange, (change: Partial<SealedBatch>) => {
      expect(hashOf({ ...genesis, ...change }).equals(genesis.hash)).toBe(false);
    }),
  );
});

test('what moves from the shard’s name into the body changes the hash', () => {
  const one = { ...genesis, shard: 'ab', body: Buffer.from('c') };
  const other = { ...genesis, shard: 'a', body: Buffer.from('bc') };
  expect(hashOf(one).equals(hashOf(other))).toBe(false);
});
