/** What all nodes share beside PostgreSQL: the command bus, and the memory that may be lost. */
import cluster from 'node:cluster';
import { hostname } from 'node:os';
import type { KafkaBus } from '../bus/kafka-bus.ts';
import type { Cache } from '../cache/cache.ts';
import { LayeredCache } from '../cache/cache-layered.ts';
import { MemoryCache } from '../cache/cache-memory.ts';
import type { Channels } from '../cache/channels.ts';
import { MemoryChannels } from '../cache/channels-memory.ts';
import type { Scripts } from '../cache/scripts.ts';
import type { Config } from './config.ts';
import { shardsOf } from './roles.ts';
import type { Site } from './site.ts';

/** What may be forgotten at any moment, and is shared with the other nodes where there are any. */
export interface SharedMemory {
  readonly cache: Cache;
  readonly channels: Channels;
  /** Undefined: this process is alone without Redis, and keeps counts and sessions to itself. */
  readonly scripts: Scripts | undefined;
}

/** This process's name among the others; workers behind one port each have their own. */
export function nodeName({ NODE_NAME: name }: Pick<Config, 'NODE_NAME'>): string {
  if (name === undefined) return `${hostname().slice(0, 40)}-${process.pid}`;
  return cluster.worker === undefined ? name : `${name}-${cluster.worker.id}`;
}

/** For a process that is alone and was given no Redis. */
const ownMemory = (): SharedMemory => ({
  cache: new MemoryCache(),
  channels: new MemoryChannels(),
  scripts: undefined,
});

/**
 * Redis, whether it answers just now or not; without one (a process that is alone) this process's own memory. With one
 * such a process keeps its sessions and its counts over a restart. A deployment's name stands before its keys and channels.
 * @throws Fault CONFIG_INVALID: it is not the Redis that REDIS_URL means
 */
export async function sharedMemoryFor({
  config,
  log,
  metrics,
  readiness,
  undo,
}: Site): Promise<SharedMemory> {
  const { REDIS_URL: url, DEPLOYMENT: deployment } = config;
  if (url === undefined) return ownMemory();
  const [{ RedisConnection }, { RedisChannels }, { RedisCache }] = await Promise.all([
    import('../cache/redis.ts'),
    import('../cache/channels-redis.ts'),
    import('../cache/cache-redis.ts'),
  ]);
  const redis = await RedisConnection.open({
    url,
    prefix: `${deployment}:`,
    connectionName: nodeName(config),
    onWarning: (says, cause) => log.warn({ err: cause }, says),
  });
  undo.push(() => redis.close());
  const channels = await RedisChannels.open(redis);
  undo.push(() => channels.close());
  metrics.redisConnected.ask(() => [{ labels: {}, value: channels.isUp ? 1 : 0 }]);
  readiness.note('redis', () => (channels.isUp ? undefined : 'Redis does not answer'));
  const cache = new LayeredCache(new RedisCache(redis), channels, nodeName(config));
  undo.push(() => cache.close());
  return { cache, channels, scripts: redis };
}

/** Shorter than a caller waits for the answer: whose command was surely not sent hears it while they still listen. */
export const sendPatienceMs = (answerWaitMs: number): number => Math.floor((answerWaitMs * 4) / 5);

/** `number`: which bus of the deployment it is. @throws Fault BUS_UNAVAILABLE or BUS_INVALID, naming the remedy */
export async function busFor({ config, log, readiness, undo }: Site, number: number): Promise<KafkaBus> {
  const { openKafkaBus } = await import('../bus/kafka-bus.ts');
  const bus = await openKafkaBus({
    brokers: config.KAFKA_BROKERS,
    username: config.KAFKA_USERNAME,
    password: config.KAFKA_PASSWORD,
    tls: config.KAFKA_TLS,
    prefix: config.KAFKA_PREFIX,
    clientId: nodeName(config),
    shards: shardsOf(config),
    replication: config.KAFKA_REPLICATION,
    sendPatienceMs: sendPatienceMs(config.ANSWER_WAIT_MS),
    log,
    number,
  });
  undo.push(() => bus.close());
  readiness.note('bus', () => bus.watch.trouble); // all nodes hear the same: it would send them all away at once
  return bus;
}
