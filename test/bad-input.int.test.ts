/** Whatever is wrong with what a node is pointed at ends in one clear message and an exit code, never in half a node. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from '@platformatic/kafka';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { sharedKafka } from './kafka-brokers.ts';
import { lyingProxy } from './lying-proxy.ts';
import { oldKafka } from './old-kafka.ts';
import { RedisServer } from './redis.ts';
import { freshDatabase } from './schema.ts';
import { type Environment, Server } from './server.ts';

const run = randomBytes(4).toString('hex');
let folder: string;
let redis: RedisServer;
let services: Environment;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'itirp-bad-input-'));
  redis = await RedisServer.start(['requirepass right'], 'right');
  services = {
    ENVIRONMENT: 'demo',
    SECRET_KEY: 'c0ffee'.repeat(8),
    POSTGRES_URL: await freshDatabase(),
    REDIS_URL: redisUrl(redis.port),
    KAFKA_BROKERS: (await sharedKafka()).join(','),
    KAFKA_PREFIX: `${run}.`,
    SHARDS: 'one,two',
    DATA_DIR: folder,
    ROLE: 'projector',
  };
}, 150_000);
afterAll(async () => {
  await redis?.remove();
  await rm(folder, { recursive: true, force: true });
});

function node(environment: Environment): Server {
  const server = Server.launch([], { ...services, ...environment });
  onTestFinished(async () => void (await server.end('SIGKILL')));
  return server;
}

const redisUrl = (port: number, login = ':right'): string => `redis://${login}@127.0.0.1:${port}`;

function postgresUrl(parts: Partial<Pick<URL, 'username' | 'password' | 'pathname' | 'port'>>): string {
  return Object.assign(new URL(services.POSTGRES_URL ?? ''), parts).href;
}

/** Takes connections and says nothing: a machine that hangs, a firewall that swallows. */
async function silent(): Promise<number> {
  const server = createServer((socket) => void socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function liar(port: number, truth: string, lie: string): Promise<number> {
  const proxy = await lyingProxy(port, truth, lie);
  onTestFinished(() => proxy.close());
  return proxy.port;
}

async function asAdmin<Row extends pg.QueryResultRow>(statement: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function oldPostgres(): Promise<Environment> {
  const [row] = await asAdmin<{ server_version_num: string }>('show server_version_num');
  const { port } = new URL(inject('postgresUrl'));
  const liarPort = await liar(Number(port), row?.server_version_num ?? '', '140010');
  return { POSTGRES_URL: postgresUrl({ port: String(liarPort) }) };
}

/** A user who may do all but write. */
async function reader(): Promise<Environment> {
  await asAdmin(`create role reader_${run} login superuser password 'right'`);
  await asAdmin(`alter role reader_${run} set default_transaction_read_only = on`);
  onTestFinished(async () => void (await asAdmin(`drop role reader_${run}`)));
  return { POSTGRES_URL: postgresUrl({ username: `reader_${run}`, password: 'right' }) };
}

async function oldRedis(): Promise<Environment> {
  const info = String(await redis.command('INFO', 'server'));
  const version = /redis_version:(\S+)/.exec(info)?.[1] ?? '';
  const port = await liar(redis.port, `redis_version:${version}`, `redis_version:6${version.slice(1)}`);
  return { REDIS_URL: redisUrl(port) };
}

async function redisReplica(): Promise<Environment> {
  const replica = await RedisServer.start([`replicaof 127.0.0.1 ${redis.port}`, 'masterauth right']);
  onTestFinished(() => replica.remove());
  return { REDIS_URL: replica.url };
}

async function broker(apiVersions: number, fetch: number): Promise<Environment> {
  const kafka = await oldKafka({ apiVersions, fetch });
  onTestFinished(() => kafka.close());
  return { KAFKA_BROKERS: kafka.address };
}

/** The commands' topic as somebody made it by hand. */
async function onePartition(): Promise<Environment> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: (services.KAFKA_BROKERS ?? '').split(',') });
  await admin.createTopics({ topics: [`few.${run}.itirp.commands`], partitions: 1, replicas: 1 });
  await admin.close();
  return { KAFKA_PREFIX: `few.${run}.` };
}

const clockOff = (ms: number): Environment => ({
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(
    `const now = Date.now; Date.now = () => now() + ${ms};`,
  )}`,
});

test.each<[string, () => Environment | Promise<Environment>, RegExp]>([
  ['PostgreSQL is version 14', oldPostgres, /PostgreSQL 14; 15 or newer is needed \[DATABASE_VERSION\]/],
  [
    'PostgreSQL wants another password',
    () => ({ POSTGRES_URL: postgresUrl({ password: 'wrong' }) }),
    /look at user and password in the URL \[DATABASE_REFUSED\]/,
  ],
  [
    'PostgreSQL has no such database',
    () => ({ POSTGRES_URL: postgresUrl({ pathname: '/none' }) }),
    /create it, or name another one in the URL \[DATABASE_REFUSED\]/,
  ],
  ['PostgreSQL takes no writes', reader, /name the primary too.*\[DATABASE_READ_ONLY\]/],
  [
    'PostgreSQL takes the connection and says nothing',
    async () => ({ POSTGRES_URL: postgresUrl({ port: String(await silent()) }) }),
    /does POSTGRES_URL lead to it\? \[DATABASE_UNAVAILABLE\]/,
  ],
  [
    'PostgreSQL is something else',
    () => ({ POSTGRES_URL: postgresUrl({ port: String(redis.port) }) }),
    /\[DATABASE_(UNAVAILABLE|REFUSED)\]/,
  ],
  [
    'the URL of PostgreSQL is none',
    () => ({ POSTGRES_URL: 'postgres//h/db' }),
    /POSTGRES_URL.*\[CONFIG_INVALID\]/,
  ],
  ['the clock is 90 s ahead', () => clockOff(90_000), /(89\.\d|90\.\d) s ahead of PostgreSQL.*\[CLOCK_OFF\]/],
  ['the clock is 90 s behind', () => clockOff(-90_000), /(89\.\d|90\.\d) s behind PostgreSQL.*\[CLOCK_OFF\]/],
  ['Kafka is version 2.3', () => broker(2, 11), /Kafka 3\.9 or later is needed \[BUS_INVALID\]/],
  ['Kafka is version 3.8', () => broker(3, 16), /Kafka 3\.9 or later is needed \[BUS_INVALID\]/],
  [
    'Kafka takes the connection and says nothing',
    async () => ({ KAFKA_BROKERS: `127.0.0.1:${await silent()}` }),
    /\[BUS_UNAVAILABLE\]/,
  ],
  [
    'the addresses of Kafka are none',
    () => ({ KAFKA_BROKERS: 'kafka://h:9092' }),
    /KAFKA_BROKERS.*\[CONFIG_INVALID\]/,
  ],
  [
    'the commands’ topic has a partition and there are two shards',
    onePartition,
    /has 1 partitions for 2 shards: kafka-topics\.sh --alter.*\[BUS_INVALID\]/,
  ],
  ['Redis is version 6', oldRedis, /version 7 or later is needed, and this is Redis 6.*\[CONFIG_INVALID\]/],
  [
    'Redis wants another password',
    () => ({ REDIS_URL: redisUrl(redis.port, ':wrong') }),
    /REDIS_URL: Redis refuses the user or password \[CONFIG_INVALID\]/,
  ],
  ['Redis is a replica', redisReplica, /REDIS_URL: this is a read-only replica.*\[CONFIG_INVALID\]/],
  ['the URL of Redis is none', () => ({ REDIS_URL: 'http://h' }), /REDIS_URL.*\[CONFIG_INVALID\]/],
])('%s', async (_title, environment, words) => {
  const server = node(await environment());
  await expect(server.ready()).rejects.toThrow(words);
  expect(server.lines.filter((line) => line.startsWith('itirp: '))).toHaveLength(1);
  expect(server.log).not.toContain('"ready"');
  expect(await server.end('SIGKILL')).toBe(1);
});

test('Redis that is away is no reason: orders do without it, and the node says so', async () => {
  const server = node({ REDIS_URL: redisUrl(1) });
  await server.ready();
  await expect.poll(() => server.log).toContain('Redis at 127.0.0.1:1 does not answer; going on without it');
});
