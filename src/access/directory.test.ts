/** How long the last known users are believed where the store is silent. */
import { expect, test } from 'vitest';
import { HOUSE_ACCOUNT, type UserId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { Directory } from './directory.ts';
import { MemoryUsers } from './users-memory.ts';

test('users that could not be read anew for a minute are stale, until they can be', async () => {
  let nowMs = 0;
  const users = new MemoryUsers();
  const ann = 'ann' as UserId;
  await users.add({ username: ann, passwordHash: '', role: 'TRADER', account: HOUSE_ACCOUNT, isDemo: false });
  const directory = new Directory(users, { isDemo: false, now: () => nowMs });
  expect(directory.isStale).toBe(true); // nobody has looked yet
  await directory.refresh();
  nowMs = 50_000;
  await directory.refresh(); // nothing has changed, and that is news
  const version = users.version;
  users.version = () => Promise.reject(new Fault('DATABASE_UNAVAILABLE'));
  nowMs = 110_000;
  await directory.refresh().catch(() => {});
  expect(directory.isStale).toBe(false);
  nowMs = 110_001;
  await directory.refresh().catch(() => {});
  expect(directory.isStale).toBe(true);
  expect(directory.find(ann)?.role).toBe('TRADER');
  users.version = version;
  await directory.refresh();
  expect(directory.isStale).toBe(false);
});

test('an answer is as old as its question', async () => {
  let nowMs = 0;
  const users = new MemoryUsers();
  const directory = new Directory(users, { isDemo: false, now: () => nowMs });
  const version = await users.version();
  users.version = async () => {
    nowMs = 60_001; // it took so long
    return version;
  };
  await directory.refresh();
  expect(directory.isStale).toBe(true);
});
