/** Work that one process at a time does for each shard, behind its journal: what such work is given. */
import type { Position } from '../core/values/names.ts';
import type { Database } from '../database/database.ts';
import { Leadership } from '../database/leadership.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { HeadWatch } from './head-watch.ts';
import { Job } from './job.ts';
import { shardsOf } from './roles.ts';
import type { SharedMemory } from './services.ts';
import type { Site } from './site.ts';

const GAUGE_EVERY_MS = 1_000;

/** What follows the journal of a shard. */
interface Reader {
  poke(position: Position): void;
  readonly lag: number;
}

/** Competes for work of each shard, and begins it where this process is to do it. */
export class Jobs {
  readonly #site: Site;
  readonly #leadership: Leadership;
  readonly #heads: HeadWatch;

  constructor(site: Site, database: Database, { channels }: SharedMemory) {
    const { log, undo } = site;
    this.#site = site;
    this.#leadership = new Leadership({
      url: database.url,
      onTrouble: (says) => log.warn({ says }, 'who leads is not sure: PostgreSQL was lost'),
    });
    undo.push(() => this.#leadership.close());
    const options = { applicationName: 'itirp heads', connectionsMax: 1, statementTimeoutMs: 2_000 };
    this.#heads = new HeadWatch({ pool: database.pool(options), channels });
    undo.push(() => this.#heads.stop());
  }

  /** `begin` starts the work of one shard, and returns how to stop it: again and again, and never twice at a time. */
  compete(name: string, begin: (shard: string) => () => Promise<void>): void {
    const { config, log, undo } = this.#site;
    for (const shard of shardsOf(config)) {
      const job = new Job(() => {
        log.info({ job: name, shard }, 'this process leads');
        return begin(shard);
      });
      const lost = (): void => {
        log.warn({ job: name, shard }, 'this process leads no longer');
        void job.end();
      };
      const giveUp = this.#leadership.lead(name, shard, () => job.begin(), lost);
      undo.push(async () => {
        await job.end();
        await giveUp();
      });
    }
  }

  /** Pokes `reader` of `shard` with where the journal ends, and shows on `gauge` how far it is behind. Returns how to stop. */
  follow(shard: string, reader: Reader, gauge: Metrics['projectionLag']): () => void {
    const leave = this.#heads.follow(shard, (position) => reader.poke(position));
    const showing = setInterval(() => gauge.set({ shard }, reader.lag), GAUGE_EVERY_MS);
    return () => {
      clearInterval(showing);
      gauge.remove({ shard });
      leave();
    };
  }
}
