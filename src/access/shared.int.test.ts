/** What API nodes share, on real Redis and PostgreSQL: sessions, limits, throttles, revoked tokens; and losing Redis. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { RedisServer, until } from '../../test/redis.ts';
import { freshSchema } from '../../test/schema.ts';
import { RedisConnection } from '../cache/redis.ts';
import { Fault } from '../faults/fault.ts';
import { LoginThrottle } from './login-throttle.ts';
import { RedisLoginThrottle } from './login-throttle-redis.ts';
import { RateLimit } from './rate-limit.ts';
import { revokedTokensContract } from './revoked-tokens.contract.ts';
import { PostgresRevokedTokens } from './revoked-tokens-postgres.ts';
import { sessionStoreContract } from './session-store.contract.ts';
import { RedisSessionStore } from './session-store-redis.ts';
import { SharedRateLimit } from './shared-rate-limit.ts';
import { tallyContract } from './tally.contract.ts';
import { RedisTally } from './tally-redis.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.remove());

/** An exchange takes a busy machine as long as it takes, where how long one is waited for is not what a test is about. */
const PATIENCE_MS = 10_000;

async function connect(to: RedisServer = server, commandMs = PATIENCE_MS): Promise<RedisConnection> {
  const redis = await RedisConnection.open({ url: to.url, commandMs });
  onTestFinished(() => redis.close());
  return redis;
}

async function ownServer(): Promise<RedisServer> {
  const own = await RedisServer.start();
  onTestFinished(() => own.remove());
  return own;
}

describe('the tally in Redis', () => tallyContract(async () => new RedisTally(await connect(), 'user')));
describe('sessions in Redis', () => sessionStoreContract(async () => new RedisSessionStore(await connect())));
describe('revoked tokens in PostgreSQL', () => {
  let pool: pg.Pool;
  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: await freshSchema() });
  });
  afterAll(() => pool.end());
  revokedTokensContract(async () => {
    await pool.query('truncate revoked_tokens');
    return new PostgresRevokedTokens(pool);
  });
});

describe('a rate limit of two nodes', () => {
  const PER_MINUTE = 6_000;
  const knock = async (nodes: readonly SharedRateLimit[], requests: number): Promise<number> => {
    let admitted = 0;
    for (let n = 0; n < requests; n++) {
      if (nodes[n % nodes.length]?.take('ann') === 0) admitted++;
      if (n % 20 === 0) await new Promise((turn) => setTimeout(turn, 1));
    }
    return admitted;
  };
  async function open(commandMs?: number) {
    const own = await ownServer();
    const node = async () =>
      new SharedRateLimit(new RateLimit(PER_MINUTE), new RedisTally(await connect(own, commandMs), 'user'));
    const nodes = [await node(), await node()];
    const startedAt = performance.now();
    const refilled = (): number => ((performance.now() - startedAt) / 60_000) * PER_MINUTE;
    return { own, nodes, node, refilled };
  }

  test('is one allowance', async () => {
    const { nodes, refilled } = await open();
    const admitted = await knock(nodes, 2 * PER_MINUTE);
    expect(admitted).toBeGreaterThanOrEqual(PER_MINUTE);
    expect(admitted).toBeLessThanOrEqual(PER_MINUTE + refilled() + 200); // what came within an exchange or two
  });
  test('stays one when Redis is flushed in the middle', async () => {
    const { own, nodes, refilled } = await open();
    const before = await knock(nodes, PER_MINUTE / 2);
    await own.command('FLUSHALL');
    const admitted = before + (await knock(nodes, 2 * PER_MINUTE));
    expect(admitted).toBeLessThanOrEqual(PER_MINUTE + refilled() + 200);
  });
  test('is at most one for each node while Redis is killed, silent, or replaced by an old copy', async () => {
    const { own, nodes, refilled } = await open(75); // as in production: who is silent is not waited for
    await knock(nodes, 1_000);
    await own.command('SAVE');
    let admitted = 1_000 + (await knock(nodes, 1_000));
    await own.kill();
    admitted += await knock(nodes, 1_000);
    await own.restart(); // with what it knew before
    await until('Redis is used again', async () => (await knock(nodes, 2)) <= 2 && (await connect(own)).isUp);
    own.pause();
    onTestFinished(() => own.resume());
    const slowest = await slowestTake(nodes);
    admitted += await knock(nodes, 3 * PER_MINUTE);
    expect(admitted).toBeLessThanOrEqual(2 * (PER_MINUTE + refilled()));
    expect(slowest).toBe(0); // not one turn of the clock
  });
  test('is learnt from Redis by a node that is new', async () => {
    const { nodes, node } = await open();
    await knock(nodes, 2 * PER_MINUTE);
    const fresh = await node();
    expect(await knock([fresh], 1_000)).toBeLessThanOrEqual(300);
  });
});

/** Turns of the clock that pass while a thousand requests are taken. */
async function slowestTake(nodes: readonly SharedRateLimit[]): Promise<number> {
  let turns = 0;
  const counting = setInterval(() => turns++, 1);
  for (let n = 0; n < 1_000; n++) nodes[n % nodes.length]?.take('bob');
  clearInterval(counting);
  return turns;
}

describe('the login throttle of two nodes', () => {
  const attempt = (throttle: RedisLoginThrottle, name = 'ann'): Promise<string> =>
    throttle.begin(name, '::1').then(
      () => 'counted',
      (error: unknown) => (error instanceof Fault ? error.code : String(error)),
    );
  const open = async (to: RedisServer) => {
    const node = async () => new RedisLoginThrottle(await connect(to), new LoginThrottle());
    return [await node(), await node()] as const;
  };

  test('counts failures together, and forgets them together', async () => {
    const [a, b] = await open(await ownServer());
    const outcomes: string[] = [];
    for (const node of [a, b, a, b, a, b, a]) outcomes.push(await attempt(node));
    expect(outcomes).toEqual([...Array(5).fill('counted'), 'LOGIN_THROTTLED', 'LOGIN_THROTTLED']);
    expect(await attempt(b, 'bob')).toBe('counted');
    await a.forget('ann', '::1');
    expect(await attempt(b)).toBe('counted');
  });
  test('takes one attempt back, and not those before it', async () => {
    const [a, b] = await open(await ownServer());
    for (const node of [a, b, a, b]) expect(await attempt(node)).toBe('counted');
    for (let i = 0; i < 3; i++) {
      expect(await attempt(a)).toBe('counted');
      await a.undo('ann', '::1');
    }
    expect([await attempt(b), await attempt(a)]).toEqual(['counted', 'LOGIN_THROTTLED']);
    await a.undo('bob', '::1'); // who never came
    expect(await attempt(b, 'bob')).toBe('counted');
  });
  test('takes a hundred at once for a hundred', async () => {
    const [a, b] = await open(await ownServer());
    const outcomes = await Promise.all(Array.from({ length: 100 }, (_, n) => attempt(n % 2 === 0 ? a : b)));
    expect(outcomes.filter((outcome) => outcome === 'counted').length).toBe(5);
  });
  test('counts on each node by itself while Redis is away', async () => {
    const own = await ownServer();
    const [a, b] = await open(own);
    await own.kill();
    for (const node of [a, b]) {
      const outcomes: string[] = [];
      for (let n = 0; n < 6; n++) outcomes.push(await attempt(node));
      expect(outcomes.filter((outcome) => outcome === 'counted').length).toBe(5);
    }
  });
  test('leaves no name and no password in Redis', async () => {
    const own = await ownServer();
    const [a] = await open(own);
    await attempt(a, 'hunter2');
    expect(await own.command('KEYS', '*')).toEqual([expect.stringMatching(/^login:[\w-]{43}$/)]);
  });
});

describe('sessions when Redis', () => {
  test('is away are answered for by nobody, and go on where they were', async () => {
    const own = await ownServer();
    const redis = await connect(own);
    const store = new RedisSessionStore(redis);
    await store.begin('s', 600_000);
    await own.command('SAVE');
    await own.kill();
    await until('it is noticed', () => !redis.isUp);
    await expect(store.rotate('s', 0, 'x')).rejects.toMatchObject({ code: 'CACHE_UNAVAILABLE' });
    await own.restart();
    await until('it is used again', () => redis.isUp);
    expect(await store.rotate('s', 0, 'x')).toBe('rotated');
  });
  test('is flushed are unknown: their users log in again', async () => {
    const own = await ownServer();
    const store = new RedisSessionStore(await connect(own));
    await store.begin('s', 600_000);
    await own.command('FLUSHALL');
    expect(await store.rotate('s', 0, 'x')).toBe('unknown');
  });
  test('is an old copy take the newest token, and find the one used before as soon as it comes again', async () => {
    const own = await ownServer();
    const redis = await connect(own);
    const store = new RedisSessionStore(redis);
    await store.begin('s', 600_000);
    await own.command('SAVE');
    for (let n = 0; n < 3; n++) await store.rotate('s', n, String(n));
    await own.kill();
    await own.restart();
    await until('it is used again', () => redis.isUp);
    expect(await store.rotate('s', 3, 'x')).toBe('rotated');
    expect(await store.rotate('s', 1, 'y')).toBe('reused');
  });
});
