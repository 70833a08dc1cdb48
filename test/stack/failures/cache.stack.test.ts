/** Redis under load: killed, emptied, slow, and replaced by an old copy of itself. Orders go on. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { kill, start } from '../../../stack/operations.ts';
import { moreKnown } from '../house-under-load.ts';
import { linkName } from '../network/stack-network.ts';
import { Trial } from './trial.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await Trial.open();
});
afterEach(() => trial.restore());
afterAll(() => trial.proveReaders());

async function tell<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(trial.stack.redis.urlAt(), { maxRetriesPerRequest: 1 });
  redis.on('error', () => {});
  try {
    return await command(redis);
  } finally {
    redis.disconnect();
  }
}

/** What a login is told, and how long it took in milliseconds. */
async function logIn(password: string): Promise<{ readonly status: number; readonly tookMs: number }> {
  const began = performance.now();
  const { status } = await fetch(`${trial.stack.url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'risk1', password }),
  });
  return { status, tookMs: performance.now() - began };
}

test('Redis is killed: orders are resolved and people log in without it, and it is used again when it is back', async () => {
  await trial.underLoad(
    'kill of Redis',
    async (load) => {
      await kill(trial.stack, 'redis');
      await moreKnown(load, 60); // without it
      const logins = [await logIn('risk123'), await logIn('wrong')];
      console.log(`logins without Redis: ${JSON.stringify(logins)}`);
      expect(logins.map(({ status }) => status)).toEqual([200, 401]);
      await sleep(2_000);
      await start(trial.stack, 'redis');
    },
    { measure: 'Redis killed' },
  );
});

test('Redis forgets everything', async () => {
  await trial.underLoad('flush of Redis', async () => {
    for (let n = 0; n < 5; n++) {
      await tell((redis) => redis.flushall());
      await sleep(400);
    }
  });
});

test('Redis is slow', async () => {
  await trial.underLoad('slow Redis', async (load) => {
    const slow = { kind: 'slow', latencyMs: 700, bytesPerSecond: 20_000 } as const;
    const links = trial.stack.links.filter(({ to }) => to === 'redis');
    await Promise.all(links.map(({ from, to }) => trial.network.setFault(linkName(from, to), slow)));
    await moreKnown(load, 60);
    await sleep(2_000);
    await trial.network.heal();
  });
});

test('an old copy of Redis comes in its place: nothing of it is believed that matters', async () => {
  const copy = join(trial.stack.folder, 'data', 'redis', 'dump.rdb');
  await trial.underLoad('stale Redis', async (load) => {
    expect(await tell((redis) => redis.save())).toBe('OK');
    const [before = 0] = await positionsInAll();
    await moreKnown(load, 150); // what is in the copy is old by then
    await kill(trial.stack, 'redis');
    await start(trial.stack, 'redis'); // with the copy
    const [after = 0] = await positionsInAll();
    expect(after).toBeGreaterThan(before);
  });
  await rm(copy, { force: true });
});

/** How far the shards' journals are, all together. */
const positionsInAll = async (): Promise<readonly number[]> =>
  (await trial.query<{ n: number }>('select sum(head_position)::int as n from shards')).map(({ n }) => n);
