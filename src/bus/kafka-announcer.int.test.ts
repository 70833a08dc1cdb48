import { randomBytes } from 'node:crypto';
import { Admin } from '@platformatic/kafka';
import { expect, onTestFinished, test } from 'vitest';
import { sharedKafka } from '../../test/kafka-brokers.ts';
import { silentLog } from '../telemetry/log.ts';
import type { Announcement } from './announcer.ts';
import { KafkaAnnouncer } from './kafka-announcer.ts';
import { openKafkaBus } from './kafka-bus.ts';

test('megabytes for one key of one topic are taken, in requests that the broker takes', async () => {
  const brokers = await sharedKafka();
  const prefix = `a${randomBytes(5).toString('hex')}.`;
  const settings = { brokers, prefix, clientId: 'test', shards: ['s1'], replication: 0, log: silentLog() };
  const bus = await openKafkaBus(settings);
  onTestFinished(() => bus.close());
  const body = Buffer.from(JSON.stringify({ text: 'é'.repeat(5_000) }));
  const one: Announcement = { topic: 'fills', key: 'the same', headers: [['ce_id', '1']], body };
  const announcer = new KafkaAnnouncer(bus.settings);
  onTestFinished(() => announcer.close());
  await announcer.announce(Array.from({ length: 400 }, () => one));

  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...brokers] });
  onTestFinished(() => admin.close());
  const partitions = Array.from({ length: 6 }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1n }));
  const [ends] = await admin.listOffsets({ topics: [{ name: `${prefix}fills`, partitions }] });
  expect(ends?.partitions.map(({ offset }) => offset).filter((offset) => offset > 0n)).toEqual([400n]);
}, 180_000);
