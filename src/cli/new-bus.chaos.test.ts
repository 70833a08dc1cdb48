/** After a disaster Kafka is a new one, or was emptied: the restored firm goes on, and takes nothing in twice. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KafkaCluster } from '../../stack/kafka.ts';
import { Client } from '../../test/client.ts';
import { RedisServer } from '../../test/redis.ts';
import { freshDatabase } from '../../test/schema.ts';
import { type Environment, itirp, Server } from '../../test/server.ts';

let folder: string;
const clusters: KafkaCluster[] = [];
const memories: RedisServer[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'itirp-new-bus-'));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.end('SIGKILL')));
  for (const cluster of clusters) await cluster.remove();
  for (const memory of memories) await memory.remove();
  await rm(folder, { recursive: true, force: true });
});

async function kafka(name: string): Promise<KafkaCluster> {
  const cluster = await KafkaCluster.open({ folder: join(folder, name), brokers: 1 });
  clusters.push(cluster);
  await cluster.start();
  return cluster;
}

/** What nodes and tools of one site are told. */
async function site(database: string, cluster: KafkaCluster): Promise<Environment> {
  const memory = await RedisServer.start();
  memories.push(memory);
  return {
    ENVIRONMENT: 'demo',
    SECRET_KEY: 'c0ffee'.repeat(8),
    POSTGRES_URL: database,
    REDIS_URL: memory.url,
    KAFKA_BROKERS: cluster.addresses.join(','),
    SHARDS: 'one,two',
    ROLE: 'all',
    DATA_DIR: folder,
    BACKUP_TO: join(folder, 'kept'),
  };
}

async function started(environment: Environment): Promise<{ server: Server; trader: Client }> {
  const server = Server.launch([], environment);
  servers.push(server);
  await server.ready();
  const health = async (): Promise<number> => (await fetch(`${server.url}/api/v1/health`)).status;
  await expect.poll(health, { timeout: 60_000 }).toBe(200);
  return { server, trader: await Client.login(server.url, 'trader1') };
}

/** Buys one at the market, under a client order id, and waits until it is filled. */
async function buy(trader: Client, id: string): Promise<void> {
  const words = { client_order_id: id, type: 'MARKET', price: undefined, quantity: 1 } as const;
  const { body } = await trader.place(words);
  expect(body).toMatchObject({ status: 'APPROVED' });
  const status = async () => (await trader.get(`/api/v1/orders/${body.order_id}`)).status;
  await expect.poll(status, { timeout: 30_000 }).toBe('EXECUTED');
}

async function holds(trader: Client, quantity: number): Promise<void> {
  const held = async () => (await trader.get('/api/v1/risk/positions')).positions;
  await expect.poll(held, { timeout: 30_000 }).toMatchObject([{ symbol: 'AAPL', quantity }]);
}

async function run(environment: Environment, ...words: string[]): Promise<string> {
  const { code, output } = await itirp(words, environment);
  expect([code, output]).toEqual([0, expect.any(String)]);
  return output;
}

/** The chain holds, and the read models are what the facts come to. */
async function isSound(environment: Environment): Promise<void> {
  const verified = await run(environment, 'verify', '--json');
  expect(JSON.parse(verified.slice(verified.indexOf('{')))).toMatchObject({ sound: true });
  expect(await run(environment, 'rebuild')).toContain('equal');
}

test('restored onto another cluster, and then onto that one emptied', { timeout: 300_000 }, async () => {
  const old = await site(await freshDatabase(), await kafka('a'));
  const first = await started(old);
  for (const id of ['a1', 'a2', 'a3']) await buy(first.trader, id);
  await run(old, 'backup');
  await first.server.end('SIGTERM');
  await clusters[0]?.remove();

  const cluster = await kafka('b');
  const { BACKUP_TO: kept = '', ...there } = await site(await freshDatabase(), cluster);
  const { POSTGRES_URL: into = '' } = there;
  const words = await run(there, 'restore', '--from', kept, '--into', into, '--new-bus');
  expect(words).toMatch(/the bus on \S+ is left[\s\S]*taken in up to offset \d+/);
  const second = await started(there);
  await holds(second.trader, 3);
  expect((await second.trader.place({ client_order_id: 'a1' })).status).toBe(409); // it is known still
  for (const id of ['b1', 'b2', 'b3', 'b4']) await buy(second.trader, id);
  await holds(second.trader, 7);
  const refused = await itirp(['new-bus', '--reason', 'in haste'], there);
  expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('[DATABASE_IN_USE]')]);
  await second.server.end('SIGTERM');
  await isSound(there);

  await cluster.kill();
  await rm(join(folder, 'b', 'data', 'kafka', '1'), { recursive: true }); // the same cluster's id, and nothing in it
  await cluster.start();
  await run(there, 'new-bus', '--reason', 'its disks were lost');
  const third = await started(there);
  await holds(third.trader, 7);
  await buy(third.trader, 'c1'); // at offsets that were taken in before
  await holds(third.trader, 8);
  await third.server.end('SIGTERM');
  await isSound(there);

  await run(there, 'new-bus', '--reason', 'by mistake');
  const fourth = await itirp(['serve'], { ...there, PORT: '0' });
  expect(fourth.code).toBe(1);
  expect(fourth.output).toMatch(/holds \d+ commands already[\s\S]*\[DEPLOYMENT_MIXED\]/);
});
