/** From PostgreSQL up to the single writer: what must stand before anything can be decided. */
import type { Position } from '../core/values/names.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { checkDeployment, type Joined, joinDeployment } from '../database/deployment.ts';
import { migrate } from '../database/migrations.ts';
import type { Claimant } from '../journal/claimant.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { PostgresSnapshots } from '../journal/snapshots-postgres.ts';
import { Sequencer } from '../sequencer/sequencer.ts';
import { Snapshotter } from '../sequencer/snapshotter.ts';
import type { Log } from '../telemetry/log.ts';
import { checkpointsOf } from './checkpoints.ts';
import { observeCommit, timingsInto } from './gauges.ts';
import { LookOut } from './look-out.ts';
import { looksFor } from './looks.ts';
import { showPools } from './node-gauges.ts';
import { isOneOfMany, shardsOf, shownRoles } from './roles.ts';
import type { Site } from './site.ts';

/** Where the write path's connections come from. */
type Connections = Pick<Database, 'url' | 'pool'>;

/** Between two words on a recovery, in milliseconds. */
const RECOVERY_SAYS_MS = 2_000;

/** The database, as it is found: {@link enlist} brings its schema up to date. @throws Fault DATABASE_* */
export async function databaseFor(site: Site): Promise<Database> {
  const { config, log, metrics, readiness, undo, onFatal } = site;
  const isShared = isOneOfMany(config);
  const database = await openDatabase({
    dataDir: config.DATA_DIR,
    url: config.POSTGRES_URL,
    replicaUrl: config.POSTGRES_REPLICA_URL,
    exclusive: !isShared,
    shares: isShared,
    connectionsMax: config.POSTGRES_POOL_MAX,
    log: (says) => log.info(says),
    onWarning: (says) => log.warn(says),
    onDisplaced: onFatal,
  });
  undo.push(() => database.close());
  readiness.watch('database', () => database.trouble?.message);
  showPools(metrics, database);
  return database;
}

/** Looks at what lies about the platform from now on; the database has its schema by then. */
export function lookOutFrom({ config, log, metrics, undo }: Site, database: Database): void {
  const looks = looksFor({ config, metrics, database, roles: shownRoles(config) });
  const lookOut = new LookOut(looks, (error) =>
    log.error({ err: error }, 'what was seen could not be shown'),
  );
  lookOut.start();
  undo.push(() => lookOut.stop());
}

/**
 * Makes sure that the database is this deployment's own, and then brings its schema up to date: what is another's is
 * left as it is. `cluster`: that of the bus, which keeps so many commands; undefined: this process is alone.
 * @throws Fault DEPLOYMENT_MIXED, MIGRATION_* or DATABASE_UNAVAILABLE
 */
export async function enlist(
  { config, log }: Pick<Site, 'config' | 'log'>,
  database: Pick<Database, 'url' | 'pool'>,
  cluster: string | undefined,
  kept = 0,
): Promise<Joined> {
  const pool = database.pool({ applicationName: 'itirp deployment', connectionsMax: 1 });
  const { KAFKA_PREFIX: prefix } = config;
  const bus = cluster === undefined ? undefined : { cluster, prefix, shards: shardsOf(config), kept };
  const ours = { name: config.DEPLOYMENT, bus };
  await checkDeployment(pool, ours);
  const applied = await migrate(database.url);
  if (applied.length > 0) log.info({ applied }, 'migrated');
  return await joinDeployment(pool, ours);
}

export function journalFor(
  { config, undo }: Site,
  database: Connections,
  claimant?: Claimant,
): PostgresJournal {
  const journal = new PostgresJournal(database, config.SHARD, { claimant });
  undo.push(() => journal.close());
  return journal;
}

/**
 * The writer, recovered and taking commands.
 * @throws Fault JOURNAL_UNAVAILABLE, JOURNAL_CORRUPT, JOURNAL_BEHIND or JOURNAL_NEWER
 */
export async function sequencerFor(
  site: Site,
  database: Connections,
  journal: PostgresJournal,
  { snapshotAtStop }: { readonly snapshotAtStop: boolean } = { snapshotAtStop: true },
): Promise<Sequencer> {
  const { config, log, clock, metrics, traces, undo, onFatal } = site;
  const { SHARD: shard, QUEUE_MAX: waitingMax } = config;
  const pool = database.pool({
    applicationName: 'itirp snapshots',
    connectionsMax: 2,
    statementTimeoutMs: 0,
  });
  const snapshots = new PostgresSnapshots(pool, shard);
  const checkpoints = await checkpointsOf(site, shard, journal, snapshots);
  if (checkpoints !== undefined) undo.push(() => checkpoints.stop());
  const sequencer = new Sequencer({
    shard,
    journal,
    snapshots,
    clock,
    waitingMax,
    onFatal,
    tracing: traces?.tracing,
    onCommit: observeCommit(metrics),
    timings: timingsInto(metrics),
    onWarning: (says, cause) => log.warn({ err: cause }, says),
    onProgress: sayingProgress(log),
  });
  await sequencer.start();
  undo.push(() => sequencer.stop({ snapshot: snapshotAtStop }));
  log.info({ position: sequencer.position }, 'recovered from the journal');
  snapshotWhileRunning(site, database, sequencer);
  return sequencer;
}

function snapshotWhileRunning(
  { config, log, undo }: Site,
  database: Pick<Database, 'url'>,
  sequencer: Sequencer,
): void {
  const { SHARD: shard, SNAPSHOT_EVERY: every } = config;
  if (every === 0) return;
  const snapshotter = new Snapshotter(sequencer, sequencer.snapshotPosition, {
    every,
    worker: new URL('./snapshot-entry.ts', import.meta.url),
    workerData: { url: database.url, shard },
    onWarning: (says, cause) => log.warn({ err: cause }, says),
  });
  snapshotter.start();
  undo.push(() => snapshotter.stop());
}

/** Says now and then how far a long recovery is. */
function sayingProgress(log: Log): (position: Position) => void {
  let saidAt = performance.now();
  return (position) => {
    const now = performance.now();
    if (now - saidAt < RECOVERY_SAYS_MS) return;
    saidAt = now;
    log.info({ position }, 'recovering from the journal');
  };
}
