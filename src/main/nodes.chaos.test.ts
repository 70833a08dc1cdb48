/** One program as many processes on real Kafka, Redis and PostgreSQL: what each role does, and how each start may fail. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Client } from '../../test/client.ts';
import { RedisServer } from '../../test/redis.ts';
import type { Environment, Server } from '../../test/server.ts';
import { Services } from '../../test/services.ts';
import { openPool } from '../database/pool.ts';

let services: Services;
/** Asks for a password. */
let guarded: RedisServer;

beforeAll(async () => {
  services = await Services.start();
  guarded = await RedisServer.start(['requirepass right'], 'right');
});
afterEach(() => services.killNodes());
afterAll(async () => {
  await guarded?.remove();
  await services?.end();
});

const SHARDS = 'one,two';
const launch = (settings: Environment): Server => services.launch({ SHARDS, ...settings });
const node = (settings: Environment): Promise<Server> => services.node({ SHARDS, ...settings });

const isOpen = async (url: string): Promise<number> => (await fetch(`${url}/api/v1/health`)).status;
const readiness = async (url: string): Promise<number> => (await fetch(`${url}/readyz`)).status;

test('one process of every role serves alone, and its shards go to another when it is killed', async () => {
  const first = await node({ ROLE: 'all' });
  await expect.poll(() => isOpen(first.url), { timeout: 30_000 }).toBe(200);
  const trader = await Client.login(first.url, 'trader1');
  const bought = await trader.place({ client_order_id: 'once', type: 'MARKET', price: undefined });
  expect(bought.body).toMatchObject({ status: 'APPROVED' });
  await expect
    .poll(async () => (await trader.get(`/api/v1/orders/${bought.body.order_id}`)).status)
    .toBe('EXECUTED');

  const second = await node({ ROLE: 'api,engine,projector,publisher' });
  await first.end('SIGKILL');
  await expect.poll(() => isOpen(second.url), { timeout: 30_000 }).toBe(200);
  trader.url = second.url; // the same secret: a token is good at every node
  const again = async () =>
    (await trader.place({ client_order_id: 'once', type: 'MARKET', price: undefined })).body;
  const first409 = { code: 'CLIENT_ORDER_ID_DUPLICATE', order_id: bought.body.order_id };
  await expect.poll(again, { timeout: 30_000 }).toMatchObject(first409); // 202 while the shard is on its way
  expect(await trader.orders()).toHaveLength(1);
  expect(await second.end('SIGTERM')).toBe(0);
});

test('workers share a port, are replaced when they die, and end with the one that started them', async () => {
  await node({ ROLE: 'engine,projector' });
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const api = launch({ ROLE: 'api', WORKERS: '2', PORT: String(port) });
  const url = `http://127.0.0.1:${port}`;
  const ask = (): Promise<number> => readiness(url).catch(() => 0);
  await expect.poll(ask, { timeout: 30_000 }).toBe(200);
  const listening = () => api.lines.filter((line) => line.includes('"listening"')).length;
  await expect.poll(listening, { timeout: 30_000 }).toBe(2);
  await expect.poll(() => isOpen(url), { timeout: 30_000 }).toBe(200);
  const trader = await Client.login(url, 'trader1');
  const placed = await Promise.all(Array.from({ length: 20 }, () => trader.place({ quantity: 1 })));
  expect(placed.map(({ body }) => body.status)).toEqual(placed.map(() => 'APPROVED'));

  const [victim = 0] = await workersOf(api);
  process.kill(victim, 'SIGKILL');
  await expect.poll(listening, { timeout: 30_000 }).toBe(3);
  expect((await trader.place({ quantity: 1 })).body.status).toBe('APPROVED');
  const left = await workersOf(api);
  expect(left).toHaveLength(2);
  expect(await api.end('SIGTERM')).toBe(0);
  await expect.poll(() => left.filter(isAlive)).toEqual([]);
});

test('a node without a door of the API is not ready from the moment it is told to stop', async () => {
  const server = await node({ ROLE: 'engine,projector,publisher' });
  await expect.poll(() => readiness(server.url), { timeout: 30_000 }).toBe(200);
  const ended = server.end('SIGTERM');
  let answer: number | undefined = 200;
  while (answer === 200) answer = await readiness(server.url).catch(() => undefined);
  expect(answer).toBe(503); // and not, well until all its work is laid down, a ready one that is then gone
  expect(await ended).toBe(0);
});

describe('a node that cannot do its part ends with one clear message', () => {
  beforeAll(async () => {
    await node({ ROLE: 'projector' }); // so that there is a deployment
  });
  test.each<[string, () => Environment, RegExp]>([
    ['Kafka is not there', () => ({ KAFKA_BROKERS: '127.0.0.1:1' }), /BUS_UNAVAILABLE/],
    [
      'Kafka is something else',
      () => ({ KAFKA_BROKERS: `127.0.0.1:${services.redis.port}` }),
      /BUS_UNAVAILABLE/,
    ],
    [
      'PostgreSQL is not there',
      () => ({ POSTGRES_URL: 'postgres://x:y@127.0.0.1:1/z' }),
      /DATABASE_UNAVAILABLE/,
    ],
    ['Redis wants another password', () => ({ REDIS_URL: guarded.url }), /REDIS_URL.*CONFIG_INVALID/],
    ['the deployment is another one', () => ({ DEPLOYMENT: 'else' }), /set DEPLOYMENT.*DEPLOYMENT_MIXED/],
    ['the shards are others', () => ({ SHARDS: 'two,one' }), /SHARDS says two,one.*DEPLOYMENT_MIXED/],
    [
      'it speaks of no bus where others do',
      () => ({ KAFKA_BROKERS: '', SHARDS: '', REDIS_URL: '', ROLE: '' }),
      /DATABASE_IN_USE|DEPLOYMENT_MIXED/,
    ],
  ])('%s', async (_title, environment, words) => {
    const server = launch({ ROLE: 'engine', ...environment() });
    await expect(server.ready()).rejects.toThrow(words);
    expect(server.lines.filter((line) => line.startsWith('itirp: '))).toHaveLength(1);
    expect(await server.end('SIGKILL')).toBe(1);
  });
});

test('a halt and limits are confirmed while Redis is away, and read back', async () => {
  const { url } = await node({ ROLE: 'all' });
  await expect.poll(() => isOpen(url), { timeout: 30_000 }).toBe(200);
  const risk = await Client.login(url, 'risk1');
  const admin = await Client.login(url, 'admin');
  const halt = '/api/v1/risk/kill-switch?enabled=';
  await services.redis.kill();
  try {
    const begun = performance.now();
    const halted = await risk.ask('POST', `${halt}true`);
    expect(halted).toMatchObject({ status: 200, body: { halted_everywhere: true } });
    expect(performance.now() - begun).toBeLessThan(5_000);
    const set = await risk.ask('PUT', '/api/v1/risk/limits', { max_position_size: 800_000 });
    expect(set).toMatchObject({
      status: 200,
      body: { max_position_size: 800_000, kill_switch_enabled: true },
    });
  } finally {
    await services.redis.restart();
  }
  await expect
    .poll(async () => (await admin.ask('POST', `${halt}false`)).status, { timeout: 30_000 })
    .toBe(200);
});

test('an engine that is older than a shard says so before it joins the others, and ends', async () => {
  const owner = await node({ ROLE: 'all' });
  await expect.poll(() => isOpen(owner.url), { timeout: 30_000 }).toBe(200);
  const pool = openPool(services.environment.POSTGRES_URL ?? '', { connectionsMax: 1 });
  const { rows } = await pool.query<{ format: number }>("select format from shards where shard = 'two'");
  await pool.query("update shards set format = 99 where shard = 'two'");
  try {
    const older = launch({ ROLE: 'engine' });
    await expect(older.ready()).rejects.toThrow(/two; run the newer program here too \[JOURNAL_NEWER\]/);
    expect(await older.end('SIGKILL')).toBe(1);
    expect(owner.lines.filter((line) => line.includes('go to another engine'))).toEqual([]);
  } finally {
    await pool.query("update shards set format = $1 where shard = 'two'", [rows[0]?.format]);
    await pool.end();
  }
});

/** Processes that `server` has started and that live. */
async function workersOf({ pid }: Server): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
