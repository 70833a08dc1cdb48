/** The projector's role: the SQL views of every shard, each kept by one process at a time. */
import type { Channels } from '../cache/channels.ts';
import type { Database } from '../database/database.ts';
import type { Leadership } from '../database/leadership.ts';
import { ProjectorThread } from '../projections/projector-thread.ts';
import type { HeadWatch } from './head-watch.ts';
import { Job } from './job.ts';
import { shardsOf } from './roles.ts';
import type { Site } from './site.ts';

/** What a job of one shard needs of its process. */
export interface JobParts {
  readonly site: Site;
  readonly database: Database;
  readonly leadership: Leadership;
  readonly heads: HeadWatch;
  readonly channels: Channels;
}

/** Competes for the views of each shard; whoever leads keeps them. */
export function projectorsFor({ site, database, leadership, heads }: JobParts): void {
  const { config, log, metrics, undo, onFatal } = site;
  for (const shard of shardsOf(config)) {
    const job = new Job(() => {
      const thread = new ProjectorThread({
        entry: new URL('./projector-entry.ts', import.meta.url),
        url: database.url,
        shard,
        onTrouble: (fault, retryMs) =>
          log.warn({ shard, fault: fault.code, retryMs }, 'the read models wait'),
        onDeath: onFatal,
      });
      thread.start();
      const leave = heads.follow(shard, (position) => thread.poke(position));
      const gauge = setInterval(() => metrics.projectionLag.set({ shard }, thread.lag), 1_000);
      return async () => {
        clearInterval(gauge);
        metrics.projectionLag.remove({ shard });
        leave();
        await thread.stop();
      };
    });
    const giveUp = leadership.lead(
      'projector',
      shard,
      () => job.begin(),
      () => job.end(),
    );
    undo.push(async () => {
      await job.end();
      await giveUp();
    });
  }
}
