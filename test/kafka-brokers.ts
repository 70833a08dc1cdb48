/** The run's Kafka broker for tests, started by whoever asks first. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { KafkaCluster } from '../stack/kafka.ts';
import type { BrokerPlace } from '../stack/kafka-properties.ts';
import { PLACES_FILE } from './kafka.ts';

const PATIENCE_MS = 120_000;

/** Addresses for KAFKA_BROKERS: one broker that all test files share. */
export async function sharedKafka(): Promise<readonly string[]> {
  const folder = inject('kafkaFolder');
  const file = join(folder, PLACES_FILE);
  const isFirst = await mkdir(join(folder, 'starting')).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    const cluster = await KafkaCluster.open({ folder, brokers: 1 });
    await cluster.start();
    await writeFile(`${file}.new`, JSON.stringify(cluster.places));
    await rename(`${file}.new`, file);
  }
  const end = performance.now() + PATIENCE_MS;
  while (!existsSync(file)) {
    if (performance.now() > end) throw new Error('the broker of this test run did not start');
    await sleep(100);
  }
  const places = JSON.parse(await readFile(file, 'utf8')) as readonly BrokerPlace[];
  return places.map(({ port }) => `127.0.0.1:${port}`);
}
