/** From the journal to the SQL views, and what reads them. */
import type { Position } from '../core/values/names.ts';
import type { Database } from '../database/database.ts';
import { TimeTables } from '../database/time-tables.ts';
import { countOrders } from '../gateways/http/trading-metrics.ts';
import { ageOfNext } from '../journal/fact-age-postgres.ts';
import { FollowedArrivals } from '../projections/arrivals.ts';
import { ReaderThread } from '../projections/reader-thread.ts';
import { PostgresReads } from '../projections/reads-postgres.ts';
import { Replica } from '../projections/replica-postgres.ts';
import type { Sequencer } from '../sequencer/sequencer.ts';
import { showLag } from './lag-gauges.ts';
import type { ProjectorTask } from './projector-entry.ts';
import type { Site } from './site.ts';

/** Connections for reads that a person waits for. */
export const READING = { applicationName: 'itirp reads', statementTimeoutMs: 5_000 } as const;

export interface ReadPath {
  readonly reads: PostgresReads;
  readonly projector: ReaderThread<ProjectorTask>;
}

/** Room for the months to come in the tables that are cut by time, and an end to what is too old. */
export function keepTimeTables({ config, log, undo }: Site, database: Database): void {
  const pool = database.pool({
    applicationName: 'itirp time tables',
    connectionsMax: 1,
    statementTimeoutMs: 0,
  });
  const tables = new TimeTables(pool, {
    keepDays: config.EVENTS_KEEP_DAYS,
    onTrouble: (says) => log.warn({ says }, 'the tables cut by time wait for their house-keeping'),
  });
  tables.start();
  undo.push(() => tables.stop());
}

/** The projector of `shard` in a thread of its own, begun. */
export function beginProjector(
  { log, traces, onFatal }: Site,
  database: Database,
  shard: string,
  manners?: ProjectorTask['manners'],
): ReaderThread<ProjectorTask> {
  const projector = new ReaderThread({
    name: 'projector',
    entry: new URL('./projector-entry.ts', import.meta.url),
    url: database.url,
    shard,
    own: { manners, line: traces?.line },
    onTrouble: (fault, retryMs) => log.warn({ shard, fault: fault.code, retryMs }, 'the read models wait'),
    onDeath: onFatal,
  });
  projector.start();
  return projector;
}

/** Readers that follow the writer from now on. */
export function readPathFor(site: Site, database: Database, sequencer: Sequencer): ReadPath {
  const { config, undo } = site;
  const projector = beginProjector(site, database, config.SHARD);
  keepTimeTables(site, database);
  undo.push(() => projector.stop());
  projector.poke(sequencer.position);
  undo.push(sequencer.subscribe(({ lastPosition }) => projector.poke(lastPosition)));
  const reads = new PostgresReads(
    database.pool(READING),
    new FollowedArrivals(new Map([[config.SHARD, projector]])),
    new Replica(database.replica(READING)),
  );
  return { reads, projector };
}

/** Counts the facts from now on, and shows how far `projector` is behind them. */
export function showReadPath(
  { config: { SHARD: shard }, metrics, undo }: Site,
  database: Database,
  sequencer: Sequencer,
  projector: ReadPath['projector'],
): void {
  undo.push(countOrders(sequencer, metrics));
  const { projectionLag: events, projectionLagSeconds: seconds } = metrics;
  const ask = (position: Position): Promise<number | undefined> => ageOfNext(database.looks, shard, position);
  undo.push(showLag({ shard, reader: projector, events, seconds, ageOfNext: ask }));
}
