/** Redis: each server that REDIS_URL names, and whether the one behind them is the right one. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { type Client, commandClient } from '../../cache/redis-clients.ts';
import { checkServer, misconfiguration } from '../../cache/redis-server-check.ts';
import { type RedisNode, type RedisPlace, redisPlaceOf } from '../../cache/redis-url.ts';
import { messageOf } from '../../database/outage.ts';
import { judgeClock } from './clock.ts';
import { bad, type Examination, type Finding, ok, warn } from './finding.ts';

const REDIS = 'redis';
const PATIENCE_MS = 4_000;

export const examineRedis: Examination = async ({ config }) => {
  const { REDIS_URL: url } = config;
  if (url === undefined) return [ok(REDIS, 'none is set: this process keeps sessions and counts to itself')];
  let place: RedisPlace;
  try {
    place = redisPlaceOf(url);
  } catch (error) {
    return [bad(REDIS, messageOf(error), 'set REDIS_URL right')];
  }
  const [nodes, server] = await Promise.all([reachedNodes(place), examineServer(place)]);
  return [...nodes, ...server];
};

/** Of Sentinels and of a Cluster each counts: the next one is asked when one is away. */
async function reachedNodes({ kind, nodes }: RedisPlace): Promise<readonly Finding[]> {
  if (kind === 'single') return [];
  const knocked = await Promise.all(nodes.map(async (node) => ({ node, trouble: await knock(node) })));
  const silent = knocked.flatMap(({ node: { host, port }, trouble }) =>
    trouble === undefined
      ? []
      : [warn(REDIS, `${host}:${port} does not answer: ${trouble}`, 'start it, or name another one')],
  );
  return silent.length > 0 ? silent : [ok(REDIS, `all ${nodes.length} servers of REDIS_URL answer`)];
}

/** Undefined: somebody listens there. */
async function knock({ host, port }: RedisNode): Promise<string | undefined> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return undefined;
  } catch (error) {
    return messageOf(error);
  } finally {
    socket.destroy();
  }
}

async function examineServer(place: RedisPlace): Promise<readonly Finding[]> {
  let last: unknown;
  let client: Client | undefined;
  try {
    client = await commandClient(place, 'itirp-doctor');
    client.on('error', (error: unknown) => {
      last = error;
    });
    return await within(PATIENCE_MS, questions(client, place));
  } catch (error) {
    const reason = misconfiguration(last) ?? misconfiguration(error);
    if (reason !== undefined) return [bad(REDIS, reason, 'set REDIS_URL right, or Redis')];
    const says = `it does not answer: ${messageOf(last ?? error)}`;
    return [bad(REDIS, says, 'start it: without it nodes are slower, and nobody stays logged in')];
  } finally {
    client?.disconnect();
  }
}

async function questions(client: Client, place: RedisPlace): Promise<readonly Finding[]> {
  await client.connect();
  const info = String(await client.call('INFO'));
  checkServer(place, info);
  const fact = (name: string): string => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? '';
  const asked = Date.now();
  const [seconds = 0, micros = 0] = ((await client.call('TIME')) as string[]).map(Number);
  const answered = Date.now();
  const theirs = seconds * 1_000 + micros / 1_000;
  const offset = theirs < asked ? Math.ceil(theirs - asked) : Math.max(0, theirs - answered);
  return [
    ok(REDIS, `Redis ${fact('redis_version')} answers`),
    judgeClock('Redis', offset),
    ...judgeMemory(fact),
  ];
}

/** What is full takes nothing any more; what throws away whatever it likes throws sessions away. */
function* judgeMemory(fact: (name: string) => string): Generator<Finding> {
  const [used, most] = [Number(fact('used_memory')), Number(fact('maxmemory'))];
  if (most === 0 || used < 0.9 * most) return;
  const says = `${Math.round((100 * used) / most)} % of its maxmemory are in use`;
  yield warn(REDIS, says, 'raise maxmemory: sessions and counts are lost or refused when it is full');
}

async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  work.catch(() => {}); // whatever it says after its time is nobody's concern
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
