/** Own writes over several nodes, on real Redis: found by the others, and never taken for complete when they are not. */
import { expect, onTestFinished, test } from 'vitest';
import { RedisServer, until } from '../../test/redis.ts';
import { RedisConnection } from '../cache/redis.ts';
import type { Position, UserId } from '../core/values/names.ts';
import { RedisWritten } from './written-redis.ts';

/** In place of a minute. */
const MEMORY_MS = 300;
const ann = 'ann' as UserId;
const at = (position: number): Position => position as Position;

async function open() {
  const server = await RedisServer.start();
  onTestFinished(() => server.remove());
  const node = async () => {
    const redis = await RedisConnection.open({ url: server.url });
    onTestFinished(() => redis.close());
    return new RedisWritten(redis, MEMORY_MS);
  };
  const [a, b] = [await node(), await node()];
  const isSure = async (): Promise<void> => {
    const bob = 'bob' as UserId;
    await until(
      'both are sure',
      async () => (await a.of(bob)) !== undefined && (await b.of(bob)) !== undefined,
    );
  };
  return { server, a, b, node, isSure };
}

test('what one node answered another knows, and a position never goes back', async () => {
  const { a, b, isSure } = await open();
  expect(await b.of(ann)).toBeUndefined(); // it cannot know what was before it
  await isSure();
  expect(await b.of(ann)).toEqual(new Map());
  a.note(ann, 's1', at(9));
  a.note(ann, 's2', at(4));
  b.note(ann, 's1', at(7));
  await Promise.all([a.told(), b.told()]);
  const both = new Map([
    ['s1', 9],
    ['s2', 4],
  ]);
  expect([await a.of(ann), await b.of(ann)]).toEqual([both, both]);
  expect(await b.of('bob' as UserId)).toEqual(new Map());
});

test('a burst of one user is told in a few exchanges, and all of it', async () => {
  const { server, a, b, isSure } = await open();
  await isSure();
  await server.command('CONFIG', 'RESETSTAT');
  for (let n = 1; n <= 1_000; n++) a.note(ann, 's1', at(n));
  await a.told();
  expect(await b.of(ann)).toEqual(new Map([['s1', 1_000]]));
  const calls = /cmdstat_evalsha:calls=(\d+)/.exec(String(await server.command('INFO', 'commandstats')))?.[1];
  expect(Number(calls)).toBeLessThan(20);
});

test.each(['flushed', 'restarted', 'silent'] as const)(
  'a Redis that was %s is not sure for a while',
  async (what) => {
    const { server, a, b, isSure } = await open();
    await isSure();
    a.note(ann, 's1', at(5));
    await a.told();
    if (what === 'flushed') await server.command('FLUSHALL');
    if (what === 'silent') {
      server.pause();
      await until('it is noticed', async () => (await b.of(ann)) === undefined);
      server.resume();
    }
    if (what === 'restarted') {
      await server.kill();
      await server.restart();
    }
    const first = await b.of(ann);
    if (what === 'silent') expect([undefined, new Map([['s1', 5]])]).toContainEqual(first);
    else expect(first).toBeUndefined(); // and not an empty map
    await isSure();
  },
);
