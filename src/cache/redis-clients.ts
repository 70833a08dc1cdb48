/** Clients of the Redis library, set up so that nothing waits in a queue: a command goes out now or fails now. */
import { readFileSync } from 'node:fs';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { Fault } from '../faults/fault.ts';
import type { RedisPlace } from './redis-url.ts';

export type Client = Redis | Cluster;

/** For a connection to be made, in milliseconds. */
export const CONNECT_MS = 1_500;
/** A silent server gets so long to hang up, in milliseconds, before we do. */
const DISCONNECT_MS = 300;
/** A line that says nothing for so long, in milliseconds, is made anew. */
export const HUNG_MS = 2_000;
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 1_000;

const retryDelayMs = (attempt: number): number => Math.min(RETRY_MIN_MS * 2 ** attempt, RETRY_MAX_MS);

/** What all connections have in common. RESP2, so that a server too old for RESP3 can still say its version. */
function commonOptions(place: RedisPlace, connectionName: string): RedisOptions {
  const { username, password, database, isTls } = place;
  return {
    protocol: 2,
    connectionName,
    disableClientInfo: true,
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: DISCONNECT_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: retryDelayMs,
    reconnectOnError: (error) => error.message.startsWith('READONLY'), // the master has become a replica
    db: database,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(isTls ? { tls: tlsOf(place) } : {}),
  };
}

function tlsOf({ authorityFile }: RedisPlace): { ca?: Buffer } {
  if (authorityFile === undefined) return {};
  try {
    return { ca: readFileSync(authorityFile) };
  } catch (cause) {
    throw new Fault('CONFIG_INVALID', 'REDIS_URL: the file named by `ca` cannot be read', { cause });
  }
}

function sentinelOptions(place: RedisPlace): RedisOptions {
  const { nodes, masterName, sentinelUsername, sentinelPassword, isTls } = place;
  return {
    sentinels: [...nodes],
    name: masterName,
    sentinelRetryStrategy: retryDelayMs,
    sentinelCommandTimeout: HUNG_MS / 2,
    enableTLSForSentinelMode: isTls,
    ...(isTls ? { sentinelTLS: tlsOf(place) } : {}),
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
  };
}

/** A client for commands, not connected yet. @throws Fault CONFIG_INVALID */
export async function commandClient(place: RedisPlace, connectionName: string): Promise<Client> {
  const library = await import('ioredis');
  if (place.kind !== 'cluster') return plainClient(place, connectionName);
  const {
    db: _,
    retryStrategy: __,
    enableOfflineQueue: ___,
    ...redisOptions
  } = commonOptions(place, connectionName);
  return new library.Cluster([...place.nodes], {
    redisOptions,
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelayMs,
    slotsRefreshTimeout: CONNECT_MS,
    retryDelayOnFailover: 20,
    retryDelayOnClusterDown: 20,
    maxRedirections: 4,
  });
}

/**
 * A client on one server, not connected yet. Of a Cluster it takes one node after the other: what is published on one is
 * heard on all, and one connection keeps a speaker's messages in order. @throws Fault CONFIG_INVALID
 */
export async function plainClient(place: RedisPlace, connectionName: string): Promise<Redis> {
  const library = await import('ioredis');
  const options = commonOptions(place, connectionName);
  const { nodes } = place;
  if (place.kind === 'sentinel') return new library.Redis({ ...options, ...sentinelOptions(place) });
  const client = new library.Redis({
    ...options,
    ...nodes[0],
    retryStrategy: (attempt) => {
      Object.assign(client.options, nodes[attempt % nodes.length]); // read when it connects
      return retryDelayMs(attempt);
    },
  });
  return client;
}

/**
 * Makes the line anew when it has stopped answering without a word, as when a cable is cut or a server is stopped: also
 * one that was taken by the system behind the server and never got ready. Returns how to stop.
 */
export function watchLine(client: Client): () => void {
  if (client.isCluster) return () => {}; // it looks after its nodes itself
  let answeredAt = performance.now();
  const answered = (): void => {
    answeredAt = performance.now();
  };
  const timer = setInterval(() => {
    const { status } = client;
    if (status === 'ready')
      client.ping().then(answered, () => {}); // a lost line ends by itself
    else if (status !== 'connect') answered();
    if (performance.now() - answeredAt < HUNG_MS) return;
    answered();
    client.disconnect(true);
  }, HUNG_MS / 4);
  timer.unref();
  return () => clearInterval(timer);
}
