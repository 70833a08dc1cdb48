/** The projector's thread: hands it the journal in PostgreSQL. */
import { PostgresJournal } from '../journal/postgres.ts';
import { type Manners, Projector } from '../projections/projector.ts';
import { serveReader } from '../projections/reader-worker.ts';

export type ProjectorTask = Partial<Manners> | undefined;

await serveReader<ProjectorTask>('itirp projector', ({ task, pool, newest, hooks }) => {
  const { url, shard, own: manners } = task;
  const journal = new PostgresJournal({ url, pool: () => pool }, shard);
  return new Projector({ pool, source: { shard, journal }, manners, newest, ...hooks });
});
