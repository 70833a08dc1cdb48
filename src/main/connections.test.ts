/** Connections grow with the shards of an engine and the roles of a node. */
import { expect, test } from 'vitest';
import { connectionsByName, connectionsOfNode } from './connections.ts';

const NODE = {
  KAFKA_BROKERS: ['k:9092'],
  SHARD: 'main',
  SHARDS: ['a', 'b', 'c'],
  POSTGRES_POOL_MAX: 8,
  WORKERS: 1,
};

test.each([
  ['api', 16 + 10 + 8],
  ['engine', 27 + 1 + 8],
  ['projector', 6 + 1 + 2 + 8],
  ['publisher', 6 + 2 + 8],
])('a node that is %s opens up to %d', (role, count) => {
  expect(connectionsOfNode({ ...NODE, ROLE: [role] })).toBe(count);
});

test('each of several workers opens what a node opens', () => {
  expect(connectionsOfNode({ ...NODE, ROLE: ['api'], WORKERS: 8 })).toBe(8 * 34);
});

test('a shard more is nine connections more of an engine, and none of the doors', () => {
  const more = { ...NODE, SHARDS: [...NODE.SHARDS, 'd'] };
  const growth = (role: string): number =>
    connectionsOfNode({ ...more, ROLE: [role] }) - connectionsOfNode({ ...NODE, ROLE: [role] });
  expect(growth('engine')).toBe(9);
  expect(growth('api')).toBe(0);
});

test('a node of all roles opens what each of them does, and what they share once', () => {
  const all = connectionsByName({ ...NODE, ROLE: ['all'] });
  expect(all).toMatchObject({ leadership: 1, heads: 1, 'journal reader': 16, projector: 6, publisher: 6 });
});
