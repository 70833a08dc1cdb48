/** The publisher's role: tells the bus what is in each shard's journal, one process a shard at a time. */
import type { KafkaBus } from '../bus/kafka-bus.ts';
import type { Database } from '../database/database.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { PostgresPublished } from '../publisher/published-postgres.ts';
import { Relay } from '../publisher/relay.ts';
import type { Jobs } from './jobs.ts';
import { shardsOf } from './roles.ts';
import type { Site } from './site.ts';

interface PublisherParts {
  readonly site: Site;
  readonly database: Database;
  readonly bus: Pick<KafkaBus, 'announcer'>;
}

/** Competes for telling each shard. */
export function publishersFor({ site, database, bus }: PublisherParts, jobs: Jobs): void {
  const { config, log, metrics, onFatal } = site;
  const published = new PostgresPublished(
    database.pool({ applicationName: 'itirp publisher', connectionsMax: 4 }),
  );
  const journals = new Map(shardsOf(config).map((shard) => [shard, new PostgresJournal(database, shard)]));
  jobs.compete('publisher', (shard) => {
    // Its connections end with the database: one for each time that we lead would be one too many.
    const journal = journals.get(shard) ?? new PostgresJournal(database, shard);
    const relay = new Relay({
      shard,
      journal,
      announcer: bus.announcer,
      published,
      onTrouble: (fault, retryMs) => log.warn({ shard, fault: fault.code, retryMs }, 'the news waits'),
    });
    relay.run().catch(onFatal);
    const leave = jobs.follow(shard, relay, metrics.publisherLag);
    return async () => {
      leave();
      await relay.stop();
    };
  });
}
