import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { expect, onTestFinished, test } from 'vitest';
import { KafkaCluster } from './kafka.ts';
import { scratchFolder } from './scratch.ts';

async function started(brokers: 1 | 3): Promise<KafkaCluster> {
  const cluster = await KafkaCluster.open({ folder: await scratchFolder(), brokers });
  onTestFinished(() => cluster.kill());
  await cluster.start();
  return cluster;
}

async function topicOn({ addresses }: KafkaCluster, replicas: number): Promise<string> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...addresses] });
  await admin.createTopics({ topics: ['news'], partitions: 3, replicas });
  await admin.close();
  return 'news';
}

async function say({ addresses }: KafkaCluster, topic: string, word: string): Promise<void> {
  const producer = new Producer({
    clientId: 'test',
    bootstrapBrokers: [...addresses],
    serializers: stringSerializers,
    acks: -1,
    retries: 200, // until the controller has given up the broker that died and named another leader
    retryDelay: 250,
  });
  await producer.send({ messages: [{ topic, key: word, value: word }] });
  await producer.close();
}

/** Longer than a cluster takes to name another leader, in milliseconds. */
const SILENCE_MS = 20_000;

/** A reader that begins while leaders change may wait for ever at the one that is gone: it is replaced by another. */
async function hear(cluster: KafkaCluster, topic: string, count: number): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1) {
    const heard = await hearOnce(cluster, topic, count);
    if (heard.length >= count || attempt === 5) return heard.toSorted();
  }
}

async function hearOnce({ addresses }: KafkaCluster, topic: string, count: number): Promise<string[]> {
  const consumer = new Consumer({
    clientId: 'test',
    groupId: `readers-${Math.round(performance.now())}`,
    bootstrapBrokers: [...addresses],
    deserializers: stringDeserializers,
  });
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
  const heard: string[] = [];
  const silence = setTimeout(() => void stream.close(), SILENCE_MS);
  for await (const { value } of stream) {
    heard.push(value);
    if (heard.length >= count) break;
  }
  clearTimeout(silence);
  await consumer.close(true);
  return heard;
}

test('one broker that is killed comes back with what it confirmed', async () => {
  const cluster = await started(1);
  const topic = await topicOn(cluster, 1);
  await say(cluster, topic, 'before');
  await cluster.kill();
  await cluster.start();
  await say(cluster, topic, 'after');
  expect(await hear(cluster, topic, 2)).toEqual(['after', 'before']);
});

test('with one broker of three lost messages are taken and given, and it catches up when it is back', async () => {
  const cluster = await started(3);
  const topic = await topicOn(cluster, 3);
  await say(cluster, topic, 'before');
  await cluster.brokers[0]?.daemon.kill();
  await say(cluster, topic, 'while one is away');
  expect(await hear(cluster, topic, 2)).toEqual(['before', 'while one is away']);
  await cluster.brokers[0]?.start();
  await expect.poll(() => cluster.isInSync(), { timeout: 60_000, interval: 250 }).toBe(true);
});
