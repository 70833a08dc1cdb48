/** Who may use one database together: nodes of a cluster any number, what does everything alone, tools beside all. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emptySchema } from '../../test/schema.ts';
import { SwallowingProxy } from '../../test/swallowing-proxy.ts';
import type { Fault } from '../faults/fault.ts';
import { type Database, openDatabase } from './database.ts';

type Kind = 'alone' | 'node' | 'tool';
let url: string;
const opened: Database[] = [];

async function open(kind: Kind, onDisplaced?: (fault: Fault) => void): Promise<Database> {
  const database = await openDatabase({
    dataDir: 'unused',
    url,
    exclusive: kind === 'alone',
    shares: kind === 'node',
    onDisplaced,
  });
  opened.push(database);
  return database;
}

beforeEach(async () => {
  url = await emptySchema();
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

test.each<[Kind, Kind]>([
  ['node', 'node'],
  ['tool', 'alone'],
  ['alone', 'tool'],
  ['tool', 'node'],
  ['node', 'tool'],
])('beside a %s there is room for a %s', async (first, second) => {
  await open(first);
  const database = await open(second);
  expect(database.trouble).toBeUndefined();
});

test.each<[Kind, Kind, RegExp]>([
  ['alone', 'alone', /itirp pid \d+.* has it, alone; stop whatever has it first/],
  ['alone', 'node', /itirp pid \d+.* has it, alone; stop whatever has it first/],
  ['node', 'alone', /itirp pid \d+.* has it, a node of a cluster; stop whatever has it first/],
])('what is %s keeps out what is %s, and is named', async (first, second, detail) => {
  const holder = await open(first);
  await expect(open(second)).rejects.toMatchObject({
    code: 'DATABASE_IN_USE',
    detail: expect.stringMatching(detail),
  });
  await holder.close();
  await open(second); // once it is gone there is room
});

test('several nodes are counted', async () => {
  await open('node');
  await open('node');
  await open('node');
  await expect(open('alone')).rejects.toMatchObject({
    detail: expect.stringContaining('and 2 more have it'),
  });
});

test('a session that was cut in silence is noticed, and the server does not shut itself out', async () => {
  const at = new URL(url);
  const proxy = await SwallowingProxy.to(at.hostname, Number(at.port));
  url = Object.assign(at, { port: String(proxy.port) }).href;
  const displaced: Fault[] = [];
  const database = await open('alone', (fault) => displaced.push(fault));
  proxy.swallow(); // what is open; the server has not been told either
  await expect.poll(() => database.trouble?.code, { timeout: 30_000 }).toBe('DATABASE_UNAVAILABLE');
  await expect.poll(() => database.trouble, { timeout: 30_000 }).toBeUndefined();
  expect(displaced).toEqual([]);
  await database.close();
  await proxy.close();
});
