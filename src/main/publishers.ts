/** The publisher's role: tells the bus what is in each shard's journal, one process a shard at a time. */
import type { KafkaBus } from '../bus/kafka-bus.ts';
import type { Database } from '../database/database.ts';
import { ReaderThread } from '../projections/reader-thread.ts';
import type { Jobs } from './jobs.ts';
import type { Site } from './site.ts';

interface PublisherParts {
  readonly site: Site;
  readonly database: Database;
  readonly bus: Pick<KafkaBus, 'settings'>;
}

/** Competes for telling each shard; a thread each, so that one process makes use of several cores. */
export function publishersFor({ site, database, bus }: PublisherParts, jobs: Jobs): void {
  const { log, metrics, traces, onFatal } = site;
  jobs.compete('publisher', (shard) => {
    const thread = new ReaderThread({
      name: 'publisher',
      entry: new URL('./publisher-entry.ts', import.meta.url),
      url: database.url,
      shard,
      own: { settings: bus.settings, line: traces?.line },
      onTrouble: (fault, retryMs) => log.warn({ shard, fault: fault.code, retryMs }, 'the news waits'),
      onDeath: onFatal,
    });
    thread.start();
    const { publisherLag: events, publisherLagSeconds: seconds } = metrics;
    const leave = jobs.follow(shard, thread, { events, seconds });
    return async () => {
      leave();
      await thread.stop();
    };
  });
}
