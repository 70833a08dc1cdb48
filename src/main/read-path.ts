/** From the journal to the SQL views, and what reads them. */
import type { Database } from '../database/database.ts';
import { countOrders } from '../gateways/http/trading-metrics.ts';
import { FollowedArrivals } from '../projections/arrivals.ts';
import { ProjectorThread } from '../projections/projector-thread.ts';
import { PostgresReads } from '../projections/reads-postgres.ts';
import type { Sequencer } from '../sequencer/sequencer.ts';
import type { Site } from './site.ts';

/** Statements that a person waits for are given up after this long, in milliseconds. */
const READ_TIMEOUT_MS = 5_000;

export interface ReadPath {
  readonly projector: ProjectorThread;
  readonly reads: PostgresReads;
}

/** Readers that follow the writer from now on. */
export function readPathFor(site: Site, database: Database, sequencer: Sequencer): ReadPath {
  const { config, log, metrics, undo, onFatal } = site;
  const projector = new ProjectorThread({
    entry: new URL('./projector-entry.ts', import.meta.url),
    url: database.url,
    shard: config.SHARD,
    onTrouble: (fault, retryMs) => log.warn({ fault: fault.code, retryMs }, 'the read models wait'),
    onDeath: onFatal,
  });
  projector.start();
  undo.push(() => projector.stop());
  projector.poke(sequencer.position);
  undo.push(sequencer.subscribe(({ lastPosition }) => projector.poke(lastPosition)));
  undo.push(countOrders(sequencer, metrics));
  const pool = database.pool({ applicationName: 'itirp reads', statementTimeoutMs: READ_TIMEOUT_MS });
  return {
    projector,
    reads: new PostgresReads(pool, new FollowedArrivals(new Map([[config.SHARD, projector]]))),
  };
}
