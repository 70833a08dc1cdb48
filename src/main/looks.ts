/** The looks there are: the clock, PostgreSQL's copies, the disks, and what maintenance came to. */
import { statfs } from 'node:fs/promises';
import { clockOffset } from '../database/clock-check.ts';
import type { Database } from '../database/database.ts';
import { type Maintenance, readMaintenance } from '../database/maintenance.ts';
import { type Replication, readReplication } from '../database/replication.ts';
import { BoundedNames } from '../telemetry/bounded-names.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Config } from './config.ts';
import { type Look, look } from './look-out.ts';
import type { Role } from './roles.ts';

interface LookParts {
  readonly config: Pick<Config, 'POSTGRES_URL' | 'DATA_DIR' | 'CHECKPOINT_DIR' | 'BACKUP_TO'>;
  readonly metrics: Metrics;
  readonly database: Pick<Database, 'looks'>;
  readonly roles: ReadonlySet<Role>;
}

/** Those that `roles` ask for. */
export function looksFor({ config, metrics, database: { looks: pool }, roles }: LookParts): readonly Look[] {
  return [
    look(() => clockOffset(pool), showClock(metrics)),
    ...placesOf(config).map(([place, path]) => look(() => statfs(path), showDisk(metrics, place))),
    ...(roles.has('engine')
      ? [look<Replication | undefined>(() => readReplication(pool), showReplication(metrics))]
      : []),
    ...(roles.has('projector') ? [look(() => readMaintenance(pool), showMaintenance(metrics))] : []),
  ];
}

const showClock =
  ({ clockOffset: gauge }: Metrics) =>
  (aheadMs: number | undefined): void => {
    if (aheadMs === undefined) gauge.remove();
    else gauge.set((0 - aheadMs) / 1000); // PostgreSQL’s is ahead by so much: ours is behind
  };

/** Where this process, or the PostgreSQL that it runs, writes files: each is one series. */
function placesOf(config: LookParts['config']): readonly (readonly [place: string, path: string])[] {
  const { POSTGRES_URL: url, DATA_DIR: data, CHECKPOINT_DIR: checkpoints, BACKUP_TO: backups } = config;
  const places: [string, string][] = [];
  if (url === undefined) places.push(['data', data]);
  if (checkpoints !== undefined) places.push(['checkpoints', checkpoints]);
  if (backups !== undefined && !backups.startsWith('s3://')) places.push(['backups', backups]);
  return places;
}

const showDisk =
  ({ diskFree, diskSize }: Metrics, place: string) =>
  (disk: { readonly bavail: number; readonly blocks: number; readonly bsize: number } | undefined): void => {
    if (disk === undefined) {
      diskFree.remove({ place });
      diskSize.remove({ place });
    } else {
      diskFree.set({ place }, disk.bavail * disk.bsize);
      diskSize.set({ place }, disk.blocks * disk.bsize);
    }
  };

/** Standbys in a label over the life of the process: those in pods of passing names would be ever more series. */
const STANDBYS_EVER_MAX = 64;

/** Of those that share a label the slowest is shown. */
function showReplication(metrics: Metrics): (seen: Replication | undefined) => void {
  const { replicationLagBytes, replicationLagSeconds, synchronousStandbys } = metrics;
  const names = new BoundedNames(STANDBYS_EVER_MAX);
  return (seen) => {
    replicationLagBytes.reset();
    replicationLagSeconds.reset();
    if (seen === undefined) return synchronousStandbys.remove();
    synchronousStandbys.set(seen.synchronous);
    const worst = Map.groupBy(seen.standbys, ({ name }) => names.labelOf(name));
    for (const [standby, those] of worst) {
      replicationLagBytes.set({ standby }, Math.max(...those.map(({ lagBytes }) => lagBytes)));
      const seconds = those.flatMap(({ lagSeconds }) => lagSeconds ?? []);
      if (seconds.length > 0) replicationLagSeconds.set({ standby }, Math.max(...seconds));
    }
  };
}

const showMaintenance =
  ({ maintenanceLastSuccess, maintenanceLastOutcome, drillRpo, drillRto }: Metrics) =>
  (seen: Maintenance | undefined): void => {
    maintenanceLastSuccess.reset();
    maintenanceLastOutcome.reset();
    drillRpo.remove();
    drillRto.remove();
    for (const { kind, isGood, lastGoodAtSeconds } of seen?.kinds ?? []) {
      maintenanceLastOutcome.set({ kind }, isGood ? 1 : 0);
      if (lastGoodAtSeconds !== undefined) maintenanceLastSuccess.set({ kind }, lastGoodAtSeconds);
    }
    if (seen?.rpoSeconds !== undefined) drillRpo.set(seen.rpoSeconds);
    if (seen?.rtoSeconds !== undefined) drillRto.set(seen.rtoSeconds);
  };
