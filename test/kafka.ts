/** One Kafka broker for a whole test run, started by the first test that wants it (test/kafka-brokers.ts); gone with the run. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { KafkaCluster } from '../stack/kafka.ts';
import type { BrokerPlace } from '../stack/kafka-properties.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the run's broker lives, once somebody has asked for it. */
    kafkaFolder: string;
  }
}

/** Written once the broker answers: where it listens. */
export const PLACES_FILE = 'places.json';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-kafka-'));
  project.provide('kafkaFolder', folder);
  return async () => {
    const file = join(folder, PLACES_FILE);
    if (existsSync(file)) {
      const brokers = JSON.parse(await readFile(file, 'utf8')) as readonly BrokerPlace[];
      await (await KafkaCluster.open({ folder, brokers })).remove();
    }
    await rm(folder, { recursive: true, force: true });
  };
}
