/** The doctor before a real Redis and a real Kafka: each fault is found for real, and what is well is said to be. */
import { randomBytes } from 'node:crypto';
import { Admin } from '@platformatic/kafka';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { sharedKafka } from '../../../test/kafka-brokers.ts';
import { freePort, RedisServer } from '../../../test/redis.ts';
import { migrate } from '../../database/migrations.ts';
import type { Environment } from '../setting-files.ts';
import { findingsOf, openMute, urlWith, wordsOf } from './examined.fixture.ts';

const run = randomBytes(4).toString('hex');
let mute: Awaited<ReturnType<typeof openMute>>;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  mute = await openMute();
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
afterAll(() => {
  mute.server.close();
});

describe('Redis', () => {
  async function start(config: readonly string[] = [], password?: string): Promise<RedisServer> {
    const server = await RedisServer.start(config, password);
    closing.push(() => server.remove());
    return server;
  }
  const words = async (url: string): Promise<string> =>
    wordsOf(await findingsOf('redis', { REDIS_URL: url }));

  test('is well when it answers', async () => {
    const { url } = await start();
    expect(await words(url)).toMatch(/^ok redis: Redis \d+\.\d+\.\d+ answers\nok clock: with that of Redis$/);
  });

  test('that wants another password is bad, and the wrong one is not shown', async () => {
    const { port } = await start(['requirepass right-and-long'], 'right-and-long');
    expect(await words(`redis://:wrong-and-secret@127.0.0.1:${port}`)).toBe(
      'bad redis: Redis refuses the user or password',
    );
    expect(await words(`redis://127.0.0.1:${port}`)).toBe('bad redis: Redis asks for a password');
    expect(await words(`redis://:right-and-long@127.0.0.1:${port}`)).toMatch(/^ok redis/);
  });

  test('that is a replica, or of another kind, is bad', async () => {
    const master = await start();
    const replica = await start([`replicaof 127.0.0.1 ${master.port}`]);
    expect(await words(replica.url)).toMatch(/^bad redis: this is a read-only replica/);
    const asCluster = master.url.replace('redis:', 'redis+cluster:');
    expect(await words(asCluster)).toMatch(/^bad redis: this is no Cluster: write redis:\/\/$/m);
  });

  test('that is nearly full is told', async () => {
    const { url } = await start(['maxmemory 1mb', 'maxmemory-policy noeviction']);
    expect(await words(url)).toMatch(/^warn redis: \d+ % of its maxmemory are in use$/m);
  });

  test('that is not there, or says nothing, is bad, and soon', async () => {
    expect(await words(`redis://127.0.0.1:${await freePort()}`)).toMatch(/^bad redis: .*ECONNREFUSED/);
    const began = performance.now();
    expect(await words(`redis://127.0.0.1:${mute.port}`)).toMatch(/^bad redis: it does not answer/);
    expect(await words(`redis+sentinel://127.0.0.1:1,127.0.0.1:${mute.port}/main`)).toMatch(
      /^warn redis: 127\.0\.0\.1:1 does not answer.*\nbad redis/,
    );
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe('Kafka', () => {
  let brokers: readonly string[];
  beforeAll(async () => {
    brokers = await sharedKafka();
  }, 180_000);

  const many = (more: Environment = {}): Environment => ({
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_PREFIX: `doctor-${run}.`,
    POSTGRES_URL: inject('postgresUrl'),
    REDIS_URL: 'redis://localhost',
    SHARDS: 'one,two',
    ...more,
  });

  test('is well when it answers; what it lacks is told', async () => {
    const words = wordsOf(await findingsOf('kafka', many()));
    expect(words).toMatch(/^ok kafka: 127\.0\.0\.1:\d+ answers$/m);
    expect(words).toMatch(/^warn kafka: the cluster has 1 broker: /m);
    expect(words).toMatch(new RegExp(`^warn topics: not there yet: doctor-${run}\\.itirp\\.commands, `, 'm'));
  });

  test('whose topic has fewer partitions than there are shards is bad', async () => {
    const topic = `doctor-${run}.itirp.commands`;
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...brokers] });
    closing.push(() => admin.close());
    const configs = [{ name: 'retention.ms', value: '60000' }];
    await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1, configs });
    closing.push(() => admin.deleteTopics({ topics: [topic] }));
    const look = async (): Promise<string> => wordsOf(await findingsOf('kafka', many()));
    await expect.poll(look, { timeout: 20_000 }).toMatch(/^bad topics: .*itirp\.commands has 1 partitions$/m);
    expect(await look()).toMatch(/^warn topics: .*itirp\.commands has retention\.ms=60000$/m);
  });

  test('with one broker that is away works; with none it is bad, and soon', async () => {
    const half = wordsOf(await findingsOf('kafka', many({ KAFKA_BROKERS: `127.0.0.1:1,${brokers[0]}` })));
    expect(half).toMatch(/^warn kafka: 127\.0\.0\.1:1: /m);
    expect(half).toMatch(/^ok kafka: .* answers$/m);
    const began = performance.now();
    const none = {
      KAFKA_BROKERS: `127.0.0.1:1,127.0.0.1:${mute.port}`,
      KAFKA_USERNAME: 'u',
      KAFKA_PASSWORD: 'hush-hush',
    };
    const words = wordsOf(await findingsOf('kafka', many(none)));
    expect(words).toMatch(/^bad kafka: 127\.0\.0\.1:1: .*\nbad kafka: 127\.0\.0\.1:\d+: /);
    expect(words).not.toContain('hush-hush');
    expect(performance.now() - began).toBeLessThan(25_000);
  });

  test('of another cluster than the deployment knows is bad', async () => {
    const database = await freshDatabaseOf('itirp', 'another-cluster');
    const words = wordsOf(await findingsOf('postgres', many({ POSTGRES_URL: database })));
    expect(words).toMatch(
      /^bad deployment: .*its bus is the Kafka cluster another-cluster, and KAFKA_BROKERS/m,
    );
  });
});

/** A migrated database that records `name` and the bus `cluster`. */
async function freshDatabaseOf(name: string, cluster: string): Promise<string> {
  const database = `doctor_${run}_${randomBytes(3).toString('hex')}`;
  const admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
  await admin.query(`create database ${database}`);
  closing.push(async () => {
    await admin.query(`drop database ${database} with (force)`);
    await admin.end();
  });
  const url = urlWith(inject('postgresUrl'), { pathname: `/${database}` });
  await migrate(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("insert into deployment (name, cluster, shards) values ($1, $2, '{one,two}')", [
    name,
    cluster,
  ]);
  await client.end();
  return url;
}
