/** The projector's role: the SQL views of every shard, each kept by one process at a time. */
import type { Database } from '../database/database.ts';
import { ProjectorThread } from '../projections/projector-thread.ts';
import type { Jobs } from './jobs.ts';
import { keepTimeTables } from './read-path.ts';
import type { Site } from './site.ts';

const GAUGE_EVERY_MS = 1_000;

/** Competes for the views of each shard; whoever leads keeps them. */
export function projectorsFor(site: Site, database: Database, jobs: Jobs): void {
  const { log, metrics, onFatal } = site;
  keepTimeTables(site, database);
  jobs.compete('projector', (shard) => {
    const thread = new ProjectorThread({
      entry: new URL('./projector-entry.ts', import.meta.url),
      url: database.url,
      shard,
      onTrouble: (fault, retryMs) => log.warn({ shard, fault: fault.code, retryMs }, 'the read models wait'),
      onDeath: onFatal,
    });
    thread.start();
    const leave = jobs.follow(shard, (position) => thread.poke(position));
    const gauge = setInterval(() => metrics.projectionLag.set({ shard }, thread.lag), GAUGE_EVERY_MS);
    return async () => {
      clearInterval(gauge);
      metrics.projectionLag.remove({ shard });
      leave();
      await thread.stop();
    };
  });
}
