/** The relay on a real broker and a real database: what goes in at the journal comes out at Kafka. */
import { randomBytes } from 'node:crypto';
import { Admin, ConfigResourceTypes, Consumer } from '@platformatic/kafka';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { sharedKafka } from '../../test/kafka-brokers.ts';
import { freshSchema } from '../../test/schema.ts';
import type { Announcement } from '../bus/announcer.ts';
import { KafkaAnnouncer } from '../bus/kafka-announcer.ts';
import { type KafkaBus, openKafkaBus } from '../bus/kafka-bus.ts';
import { murmur2 } from '../bus/kafka-partitioner.ts';
import { EVENT_TOPICS } from '../bus/topics.ts';
import { openPool } from '../database/pool.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { JournalWriter } from '../projections/testing/journal-writing.ts';
import { anyAct, batchesOf, Trading } from '../projections/testing/trading.ts';

import { type Log, silentLog } from '../telemetry/log.ts';
import { PostgresPublished } from './published-postgres.ts';
import { Relay } from './relay.ts';
import { Desk, deduped, SHARD } from './testing/desk.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };
const [acts = []] = fc.sample(fc.array(anyAct, { minLength: 200, maxLength: 200 }), { seed: 11, numRuns: 1 });
const { entries } = new Trading().act(...acts);

let brokers: readonly string[] = [];
let url = '';
beforeAll(async () => {
  brokers = await sharedKafka();
  url = await freshSchema();
}, 150_000);

const newPrefix = (): string => `r${randomBytes(5).toString('hex')}.`;

async function openBus(prefix: string, log: Log = silentLog()): Promise<KafkaBus> {
  const bus = await openKafkaBus({ brokers, prefix, clientId: 'test', shards: [SHARD], replication: 0, log });
  onTestFinished(() => bus.close());
  return bus;
}

/** What a consumer that begins at the beginning is given. */
async function readAll(
  prefix: string,
  count: number,
): Promise<readonly (Announcement & { partition: number })[]> {
  const consumer = new Consumer({
    clientId: 'reader',
    groupId: `${prefix}reader`,
    bootstrapBrokers: [...brokers],
  });
  const stream = await consumer.consume({
    topics: EVENT_TOPICS.map((topic) => prefix + topic),
    mode: 'earliest',
  });
  const read: (Announcement & { partition: number })[] = [];
  stream.on('data', ({ topic, partition, key, value, headers }) => {
    read.push({
      topic: topic.slice(prefix.length) as Announcement['topic'],
      partition,
      key: key.toString(),
      headers: Array.from(headers, ([name, word]) => [name.toString(), word.toString()] as const),
      body: value,
    });
  });
  onTestFinished(async () => {
    await stream.close();
    await consumer.close(true);
  });
  await vi.waitFor(() => expect(read.length).toBeGreaterThanOrEqual(count), PATIENCE);
  return read;
}

/** What must be told, in its order. */
async function wanted(): Promise<readonly Announcement[]> {
  const desk = new Desk();
  await desk.write(entries);
  await desk.tellAll();
  return desk.wire.told;
}

describe('from the journal in PostgreSQL to the topics of Kafka', () => {
  const pools: { end(): Promise<void> }[] = [];
  afterAll(async () => {
    for (const pool of pools) await pool.end();
  });

  test('all of it arrives, in the order of its key, though the broker connection is cut again and again', async () => {
    const pool = openPool(url, {});
    pools.push(pool);
    const journal = new PostgresJournal({ url, pool: () => pool }, SHARD);
    await new JournalWriter(journal, SHARD).write(batchesOf(entries, 3));
    const prefix = newPrefix();
    const bus = await openBus(prefix);
    const published = new PostgresPublished(pool);
    let calls = 0;
    const kafka = new KafkaAnnouncer(bus.settings);
    pools.push({ end: async () => kafka.close() });
    const announcer = {
      announce: async (messages: readonly Announcement[]) => {
        const telling = kafka.announce(messages);
        if (++calls % 4 === 2) kafka.close();
        await telling;
      },
    };
    const idle = Promise.withResolvers<void>();
    const tempo = { messagesMax: 60, checkpointFacts: 100, retryMs: 20, retryMsMax: 100 };
    const relay = new Relay({
      shard: SHARD,
      journal,
      published,
      announcer,
      tempo,
      onIdle: () => idle.resolve(),
    });
    const running = relay.run();
    await Promise.race([idle.promise, running]);
    await relay.stop();
    await running;

    expect(await published.position(SHARD)).toBe((await journal.head()).position);
    const all = await wanted();
    const read = await readAll(prefix, all.length);
    const ways = (messages: readonly Announcement[]): ReadonlyMap<string, readonly string[]> => {
      const found = new Map<string, string[]>();
      for (const { topic, key, headers, body } of deduped(messages)) {
        const way = `${topic} ${key}`;
        found.set(way, [...(found.get(way) ?? []), JSON.stringify([headers, String(body)])]);
      }
      return found;
    };
    expect(ways(read)).toEqual(ways(all));
    for (const { key, partition } of read) {
      expect(partition).toBe((murmur2(Buffer.from(key)) & 0x7fffffff) % 6);
    }
  });
});

describe('topics', () => {
  test('those of events are made with six partitions, and positions are compacted', async () => {
    const prefix = newPrefix();
    await openBus(prefix);
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...brokers] });
    onTestFinished(() => admin.close());
    const { topics } = await admin.metadata({ topics: EVENT_TOPICS.map((topic) => prefix + topic) });
    const counts = [...topics.values()].map(({ partitionsCount }) => partitionsCount);
    expect(counts).toEqual(EVENT_TOPICS.map(() => 6));
    const [positions] = await admin.describeConfigs({
      resources: [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: `${prefix}positions` }],
    });
    const compacted = expect.objectContaining({ name: 'cleanup.policy', value: 'compact' });
    expect(positions?.configs).toContainEqual(compacted);
  });

  test('of those that were there before us, what is wrong is warned of with its remedy', async () => {
    const prefix = newPrefix();
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...brokers] });
    onTestFinished(() => admin.close());
    await admin.createTopics({
      topics: [`${prefix}orders.created`],
      partitions: 2,
      replicas: 1,
      configs: [{ name: 'retention.ms', value: '60000' }],
    });
    const isListed = async (): Promise<void> =>
      expect(await admin.listTopics()).toContain(`${prefix}orders.created`);
    await vi.waitFor(isListed, PATIENCE);
    const lines: string[] = [];
    const log = { ...silentLog(), warn: (what: unknown) => void lines.push(JSON.stringify(what)) };
    await openBus(prefix, log as unknown as Log);
    const topic = `${prefix}orders.created`;
    expect(lines).toEqual([
      expect.stringContaining(`kafka-topics.sh --alter --topic ${topic} --partitions 6`),
      expect.stringContaining(`${topic} has retention.ms=60000: kafka-configs.sh --alter`),
    ]);
    lines.length = 0;
    await openBus(newPrefix(), log as unknown as Log);
    expect(lines).toEqual([]);
  });
});
