/** The projector's role: the SQL views of every shard, each kept by one process at a time. */
import type { Database } from '../database/database.ts';
import type { Manners } from '../projections/projector.ts';
import type { Jobs } from './jobs.ts';
import { beginProjector, keepTimeTables } from './read-path.ts';
import type { Site } from './site.ts';

/** In a process of its own it follows many engines: fewer and larger transactions, a tenth of a second behind. */
const MANNERS: Partial<Manners> = { paceMs: 100 };

/** Competes for the views of each shard; whoever leads keeps them. */
export function projectorsFor(site: Site, database: Database, jobs: Jobs): void {
  keepTimeTables(site, database);
  jobs.compete('projector', (shard) => {
    const thread = beginProjector(site, database, shard, MANNERS);
    const { projectionLag: events, projectionLagSeconds: seconds } = site.metrics;
    const leave = jobs.follow(shard, thread, { events, seconds });
    return async () => {
      leave();
      await thread.stop();
    };
  });
}
