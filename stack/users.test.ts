import { expect, test } from 'vitest';
import type { AccountId } from '../src/core/values/names.ts';
import { proposedFor } from '../src/firm/shard-assignments.ts';
import { SHARDS } from './layout.ts';
import { TRADERS } from './users.ts';

test('each trader of the stack trades in a shard of its own', () => {
  const shards = TRADERS.map(({ account }) => proposedFor(account as AccountId, SHARDS));
  expect(shards).toEqual([...SHARDS]);
});
