/** Work that one process at a time does for each shard, behind its journal: what such work is given. */

import type pg from 'pg';
import type { Position } from '../core/values/names.ts';
import type { Database } from '../database/database.ts';
import { Leadership } from '../database/leadership.ts';
import { ageOfNext } from '../journal/fact-age-postgres.ts';
import { HeadWatch } from './head-watch.ts';
import { Job } from './job.ts';
import { type LagParts, showLag } from './lag-gauges.ts';
import { shardsOf } from './roles.ts';
import type { SharedMemory } from './services.ts';
import type { Site } from './site.ts';

/** What follows the journal of a shard. */
type Reader = LagParts['reader'] & { poke(position: Position): void };

/** Competes for work of each shard, and begins it where this process is to do it. */
export class Jobs {
  readonly #site: Site;
  readonly #leadership: Leadership;
  readonly #heads: HeadWatch;
  readonly #pool: pg.Pool;

  constructor(site: Site, database: Database, { channels }: SharedMemory) {
    const { log, undo } = site;
    this.#site = site;
    this.#leadership = new Leadership({
      url: database.url,
      onTrouble: (says) => log.warn({ says }, 'who leads is not sure: PostgreSQL was lost'),
    });
    undo.push(() => this.#leadership.close());
    const options = { applicationName: 'itirp heads', connectionsMax: 1, statementTimeoutMs: 2_000 };
    this.#pool = database.pool(options);
    this.#heads = new HeadWatch({ pool: this.#pool, channels });
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

  /** Pokes `reader` of `shard` with where the journal ends, and shows how far it is behind. Returns how to stop. */
  follow(shard: string, reader: Reader, gauges: Pick<LagParts, 'events' | 'seconds'>): () => void {
    const leave = this.#heads.follow(shard, (position) => reader.poke(position));
    const ask = (position: Position): Promise<number | undefined> => ageOfNext(this.#pool, shard, position);
    const hide = showLag({ shard, reader, ...gauges, ageOfNext: ask });
    return () => {
      hide();
      leave();
    };
  }
}
