import { randomBytes } from 'node:crypto';
import { Consumer } from '@platformatic/kafka';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { sharedKafka } from '../../test/kafka-brokers.ts';
import { until } from '../../test/redis.ts';
import { silentLog } from '../telemetry/log.ts';
import type { Announcement } from './announcer.ts';
import { KafkaAnnouncer } from './kafka-announcer.ts';
import { openKafkaBus } from './kafka-bus.ts';

let brokers: readonly string[] = [];
beforeAll(async () => {
  brokers = await sharedKafka();
}, 150_000);

test('news reaches a plain consumer: header by header, each key in its order', async () => {
  const prefix = `n${randomBytes(5).toString('hex')}.`;
  const bus = await openKafkaBus({
    brokers,
    clientId: 'test',
    shards: ['s1'],
    replication: 0,
    log: silentLog(),
    prefix,
  });
  onTestFinished(() => bus.close());
  const announcements = Array.from(
    { length: 1_000 },
    (_, count): Announcement => ({
      topic: 'orders.created',
      key: `order-${count % 10}`,
      headers: [
        ['ce_id', `event-${count}`],
        ['ce_specversion', '1.0'],
      ],
      body: Buffer.from(JSON.stringify({ count })),
    }),
  );
  const announcer = new KafkaAnnouncer(bus.settings);
  onTestFinished(() => announcer.close());
  await announcer.announce(announcements);

  const consumer = new Consumer({
    clientId: 'reader',
    groupId: `${prefix}readers`,
    bootstrapBrokers: [...brokers],
    deserializers: {
      key: String,
      value: String,
      headerKey: String,
      headerValue: String,
    },
  });
  const stream = await consumer.consume({
    topics: [`${prefix}orders.created`],
    mode: 'earliest',
    autocommit: false,
  });
  onTestFinished(async () => {
    await stream.close();
    await consumer.close(true);
  });
  const byKey = new Map<string, string[]>();
  const partitions = new Map<string, Set<number>>();
  let came = 0;
  stream.on('data', ({ key, value, headers, partition }) => {
    came += 1;
    expect(headers.get('ce_specversion')).toBe('1.0');
    expect(headers.get('ce_id')).toBe(`event-${(JSON.parse(value) as { count: number }).count}`);
    byKey.set(key, [...(byKey.get(key) ?? []), value]);
    partitions.set(key, (partitions.get(key) ?? new Set()).add(partition));
  });
  await until('all have come', () => came === announcements.length);
  for (const [key, values] of byKey) {
    expect(values).toEqual(announcements.filter((one) => one.key === key).map(({ body }) => String(body)));
    expect(partitions.get(key)?.size).toBe(1);
  }
});

test('news that nobody can take ends in BUS_UNAVAILABLE, so that it is told again', async () => {
  const announcer = new KafkaAnnouncer({ brokers: ['127.0.0.1:1'], clientId: 'test' });
  onTestFinished(() => announcer.close());
  const one: Announcement = { topic: 'fills', key: 'a', headers: [], body: Buffer.from('{}') };
  await expect(announcer.announce([one])).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
});
