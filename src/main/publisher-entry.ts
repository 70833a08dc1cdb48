/** A publisher's thread: one shard's journal in PostgreSQL, and a connection of its own to the bus. */
import { KafkaAnnouncer } from '../bus/kafka-announcer.ts';
import type { KafkaSettings } from '../bus/kafka-connection.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { FactSpans, type Reading } from '../projections/fact-spans.ts';
import { serveReader } from '../projections/reader-worker.ts';
import { PostgresPublished } from '../publisher/published-postgres.ts';
import { Relay } from '../publisher/relay.ts';
import { type SpanLine, SpanSender } from '../telemetry/span-line.ts';
import { SPAN } from '../telemetry/trace-ids.ts';

export interface PublisherTask {
  readonly settings: KafkaSettings;
  /** Undefined: nobody traces. */
  readonly line: SpanLine | undefined;
}

const PUBLISHING: Reading = {
  name: 'publish facts',
  kind: 'producer',
  attributes: {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
  },
  idOf: SPAN.published,
};

let sender: SpanSender | undefined;
await serveReader<PublisherTask>('itirp publisher', ({ task, pool, hooks }) => {
  const { url, shard, own } = task;
  const { settings, line } = own;
  const journal = new PostgresJournal({ url, pool: () => pool }, shard);
  const announcer = new KafkaAnnouncer(settings);
  const published = new PostgresPublished(pool);
  sender = line === undefined ? undefined : new SpanSender(line);
  const spans = sender === undefined ? undefined : new FactSpans(sender, shard, PUBLISHING);
  const relay = new Relay({ shard, journal, announcer, published, spans, ...hooks });
  return {
    run: () => relay.run().finally(() => announcer.close()),
    poke: (position) => relay.poke(position),
    stop: () => relay.stop(),
  };
}).finally(() => sender?.close());
