/** The projector's thread: hands it the journal in PostgreSQL. */
import { PostgresJournal } from '../journal/postgres.ts';
import { FactSpans, type Reading } from '../projections/fact-spans.ts';
import { type Manners, Projector } from '../projections/projector.ts';
import { serveReader } from '../projections/reader-worker.ts';
import { type SpanLine, SpanSender } from '../telemetry/span-line.ts';

export interface ProjectorTask {
  readonly manners: Partial<Manners> | undefined;
  /** Undefined: nobody traces. */
  readonly line: SpanLine | undefined;
}

const PROJECTING: Reading = {
  name: 'project facts',
  kind: 'client',
  attributes: { 'db.system.name': 'postgresql', 'db.operation.name': 'COPY' },
};

let sender: SpanSender | undefined;
await serveReader<ProjectorTask>('itirp projector', ({ task, pool, newest, hooks }) => {
  const { url, shard, own } = task;
  const { manners, line } = own;
  const journal = new PostgresJournal({ url, pool: () => pool }, shard);
  sender = line === undefined ? undefined : new SpanSender(line);
  const spans = sender === undefined ? undefined : new FactSpans(sender, shard, PROJECTING);
  return new Projector({ pool, source: { shard, journal }, manners, newest, spans, ...hooks });
}).finally(() => sender?.close());
