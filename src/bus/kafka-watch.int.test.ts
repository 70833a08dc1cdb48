/** A node hears that the bus is away, and that it is back, without sending anything. */
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { sharedKafka } from '../../test/kafka-brokers.ts';
import { silentLog } from '../telemetry/log.ts';
import { openKafkaBus } from './kafka-bus.ts';
import { KafkaWatch } from './kafka-watch.ts';

function watch(brokers: readonly string[], prefix: string): KafkaWatch {
  const opened = new KafkaWatch({ brokers, prefix, clientId: 'test' }, 50);
  opened.start();
  onTestFinished(() => opened.stop());
  return opened;
}

test('the bus is watched: a broker that is away, topics that are not there, and all as it should be', async () => {
  const brokers = await sharedKafka();
  const prefix = `w${randomBytes(5).toString('hex')}.`;
  const nobody = watch(['127.0.0.1:1'], prefix);
  const late = watch(['127.0.0.1:1', ...brokers], prefix);
  await expect.poll(() => nobody.trouble, { timeout: 30_000 }).toMatch(/the command bus did not answer/);
  await expect.poll(() => late.trouble, { timeout: 30_000 }).toBeDefined();
  const bus = await openKafkaBus({
    brokers,
    prefix,
    clientId: 'test',
    shards: ['a'],
    replication: 0,
    log: silentLog(),
  });
  onTestFinished(() => bus.close());
  await expect.poll(() => late.trouble, { timeout: 30_000 }).toBeUndefined();
  expect(nobody.trouble).toBeDefined();
}, 180_000);
