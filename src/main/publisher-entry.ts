/** A publisher's thread: one shard's journal in PostgreSQL, and a connection of its own to the bus. */
import { KafkaAnnouncer } from '../bus/kafka-announcer.ts';
import type { KafkaSettings } from '../bus/kafka-connection.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { serveReader } from '../projections/reader-worker.ts';
import { PostgresPublished } from '../publisher/published-postgres.ts';
import { Relay } from '../publisher/relay.ts';

await serveReader<KafkaSettings>('itirp publisher', ({ task, pool, hooks }) => {
  const { url, shard, own: settings } = task;
  const journal = new PostgresJournal({ url, pool: () => pool }, shard);
  const announcer = new KafkaAnnouncer(settings);
  const relay = new Relay({ shard, journal, announcer, published: new PostgresPublished(pool), ...hooks });
  return {
    run: () => relay.run().finally(() => announcer.close()),
    poke: (position) => relay.poke(position),
    stop: () => relay.stop(),
  };
});
