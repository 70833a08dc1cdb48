/** The projector's role: the SQL views of every shard, each kept by one process at a time. */
import type { Database } from '../database/database.ts';
import type { Jobs } from './jobs.ts';
import { beginProjector, keepTimeTables } from './read-path.ts';
import type { Site } from './site.ts';

/** Competes for the views of each shard; whoever leads keeps them. */
export function projectorsFor(site: Site, database: Database, jobs: Jobs): void {
  keepTimeTables(site, database);
  jobs.compete('projector', (shard) => {
    const thread = beginProjector(site, database, shard);
    const leave = jobs.follow(shard, thread, site.metrics.projectionLag);
    return async () => {
      leave();
      await thread.stop();
    };
  });
}
