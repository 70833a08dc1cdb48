/** Redis under load: killed, emptied, slow, and replaced by an old copy of itself. Orders go on. */
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { viewKey } from '../../../src/firm/news.ts';
import { itirpNames, SHARDS } from '../../../stack/layout.ts';
import { kill, start } from '../../../stack/operations.ts';
import { Client } from '../../client.ts';
import { LIMITS, moreKnown } from '../house-under-load.ts';
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

test('an old copy of Redis comes in its place: it is read, and nothing of it is believed that matters', async () => {
  const copy = join(trial.stack.folder, 'data', 'redis', 'dump.rdb');
  const risk = await Client.login(trial.stack.url, 'risk1');
  await trial.underLoad('stale Redis', async (load) => {
    expect(await tell((redis) => redis.save())).toBe('OK');
    await load.setLimits(NEWER_LIMITS);
    await moreKnown(load, 60);
    await kill(trial.stack, 'redis');
    await cutEngines(); // or they would write over what is old as soon as it is there
    await start(trial.stack, 'redis'); // with the copy
    const stale = await sharesInRedis();
    expect(positionSum(stale)).not.toBe(Number(NEWER_LIMITS.max_position_size));
    await kill(trial.stack, 'api-1'); // what a node remembers is newer than the copy: this one remembers nothing
    await start(trial.stack, 'api-1');
    for (const node of itirpNames('api')) await readsNewLimits(risk, node);
    expect(await sharesInRedis()).toEqual(stale); // it was old all the while
    await trial.network.heal();
    const isNew = async (): Promise<boolean> =>
      positionSum(await sharesInRedis()) === Number(NEWER_LIMITS.max_position_size);
    await expect.poll(isNew, { timeout: 30_000 }).toBe(true);
  });
  await rm(copy, { force: true });
});

const NEWER_LIMITS = { ...LIMITS, max_position_size: '5100000' };

async function cutEngines(): Promise<void> {
  const links = trial.stack.links.filter(({ from, to }) => from.startsWith('engine') && to === 'redis');
  const cut = { kind: 'cut', way: 'both' } as const;
  await Promise.all(links.map(({ from, to }) => trial.network.setFault(linkName(from, to), cut)));
}

interface Share {
  readonly position: number;
  readonly limits: { readonly max_position_size: string };
}

/** The deployment's name stands before each of its keys. */
const viewKeys = (): string[] =>
  SHARDS.map((shard) => `${trial.stack.processes[0]?.settings.DEPLOYMENT}:${viewKey(shard)}`);

/** How Redis shows each shard: as a node that asks it is told. */
const sharesInRedis = async (): Promise<readonly Share[]> => {
  const texts = await tell((redis) => redis.mget(viewKeys()));
  return texts.map((text, shard) => {
    if (text === null) throw new Error(`Redis shows nothing of ${SHARDS[shard]}`);
    const { position, limits } = JSON.parse(text) as Share;
    return { position, limits };
  });
};

const positionSum = (shares: readonly Share[]): number =>
  shares.reduce((sum, { limits }) => sum + Number(limits.max_position_size), 0);

/** The node looks at what Redis has of each shard, and answers with what is true. */
async function readsNewLimits(risk: Client, node: string): Promise<void> {
  const watch = watchRedis();
  risk.url = `http://127.0.0.1:${trial.stack.part(node).port}`;
  const said = [node, 200, Number(NEWER_LIMITS.max_position_size)];
  const lookedAt = async (): Promise<readonly string[]> => {
    const { status, body } = await risk.ask('GET', '/api/v1/risk/limits');
    expect([node, status, Number(body.max_position_size)]).toEqual(said);
    return viewKeys().filter((key) => watch.commands().includes(`"get" "${key}"`));
  };
  try {
    // A node keeps what it was told for half a second: it does not look each time.
    await expect.poll(lookedAt, { timeout: 20_000 }).toEqual(viewKeys());
  } finally {
    watch.end();
  }
}

/** What Redis is asked from now on, in small letters: it tells whoever watches it. */
function watchRedis(): { readonly commands: () => string; readonly end: () => void } {
  const { port, password } = new URL(trial.stack.redis.urlAt());
  let told = '';
  const socket = connect(Number(port), '127.0.0.1');
  socket.setEncoding('utf8').on('data', (text: string) => {
    told += text.toLowerCase();
  });
  socket.write(`AUTH ${password}\r\nMONITOR\r\n`);
  return { commands: () => told, end: () => socket.destroy() };
}
