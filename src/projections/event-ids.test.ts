/** Ids that are reckoned: their shape, their order, and that nothing shares one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Micros, Position } from '../core/values/names.ts';
import { eventIdOf, isUuid, shardTag, uuidFor } from './event-ids.ts';

const micros = fc.integer({ min: 0, max: 2 ** 52 }).map((at) => at as Micros);
const positions = fc.integer({ min: 0, max: 2 ** 46 - 1 }).map((at) => at as Position);
const fact = fc.tuple(micros, positions, fc.nat(15), fc.nat(4095));

test('an id has the shape of a UUIDv7 and its time to the millisecond', () => {
  const at = 1_769_783_400_123_456 as Micros;
  const id = eventIdOf(at, 42 as Position, 2, 7);
  expect(id).toBe('019c0f4f-96bb-7720-8000-0000002a2007');
  expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(1_769_783_400_123);
});

test('ids sort by time, then position, then ordinal', () => {
  fc.assert(
    fc.property(fact, fact, (a, b) => {
      const [one, other] = [eventIdOf(...a), eventIdOf(...b)];
      const differing = a.findIndex((part, i) => part !== b[i]);
      expect(isUuid(one)).toBe(true);
      if (differing === -1) expect(one).toBe(other);
      else expect(one < other).toBe(Number(a[differing]) < Number(b[differing]));
    }),
  );
});

test('shards have tags of 12 bits', () => {
  expect(shardTag('main')).not.toBe(shardTag('desk-2'));
  expect(shardTag('main')).toBeLessThan(4096);
});

test('what is no UUID gets one that is always the same; what is one stays as it is', () => {
  const id = '019c0f4f-96bb-7720-8000-0000002a2007';
  expect(uuidFor(id)).toBe(id);
  expect(uuidFor('req-17')).toBe(uuidFor('req-17'));
  expect(uuidFor('req-17')).not.toBe(uuidFor('req-18'));
  expect(uuidFor('req-17')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
});
