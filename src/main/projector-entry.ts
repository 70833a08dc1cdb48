/** The projector's thread: hands it the journal in PostgreSQL. */
import { workerData } from 'node:worker_threads';
import { PostgresJournal } from '../journal/postgres.ts';
import type { ProjectorTask } from '../projections/projector-messages.ts';
import { serveProjector } from '../projections/projector-worker.ts';

const { url } = workerData as ProjectorTask;

await serveProjector((pool, shard) => ({
  shard,
  journal: new PostgresJournal({ url, pool: () => pool }, shard),
}));
