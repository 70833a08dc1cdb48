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
/** Why there is no broker: whoever else waits for it need not. */
const FAILURE_FILE = 'failure';

async function start(folder: string, file: string): Promise<void> {
  const cluster = await KafkaCluster.open({ folder, brokers: 1 });
  await cluster.start();
  await writeFile(`${file}.new`, JSON.stringify(cluster.places));
  await rename(`${file}.new`, file);
}

/** Addresses for KAFKA_BROKERS: one broker that all test files share. */
export async function sharedKafka(): Promise<readonly string[]> {
  const folder = inject('kafkaFolder');
  const file = join(folder, PLACES_FILE);
  const isFirst = await mkdir(join(folder, 'starting')).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    await start(folder, file).catch(async (error: unknown) => {
      await writeFile(join(folder, FAILURE_FILE), String(error));
      throw error;
    });
  }
  const end = performance.now() + PATIENCE_MS;
  while (!existsSync(file)) {
    if (existsSync(join(folder, FAILURE_FILE)))
      throw new Error(`no broker: ${await readFile(join(folder, FAILURE_FILE), 'utf8')}`);
    if (performance.now() > end) throw new Error('the broker of this test run did not start');
    await sleep(100);
  }
  const places = JSON.parse(await readFile(file, 'utf8')) as readonly BrokerPlace[];
  return places.map(({ port }) => `127.0.0.1:${port}`);
}
