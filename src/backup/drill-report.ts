/** What a drill found out: how much a disaster would have cost (RPO), and how long it would have taken (RTO). */

export interface DrilledShard {
  readonly shard: string;
  /** Of the newest fact in the backup. */
  readonly position: number;
  readonly stateHash: string;
  /** Of the live journal; null: it could not be asked. */
  readonly livePosition: number | null;
  /** Facts that the backup does not have. */
  readonly lostFacts: number | null;
  /** From the newest fact in the backup to the newest there is (to now, where the live journal could not be asked). */
  readonly lostSeconds: number;
}

export interface DrillTimes {
  /** Read, proven, and in the database. */
  readonly restoreSeconds: number;
  /** Chain and snapshots proven once more, from the database. */
  readonly proveSeconds: number;
  /** The state as an engine makes it at its start: from here on orders could be taken. */
  readonly recoverSeconds: number;
  /** The read models, which trading does not wait for. */
  readonly viewsSeconds: number;
}

export interface DrillReport {
  readonly isGood: boolean;
  /** Why not. */
  readonly wrong: string | undefined;
  readonly backup: string;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly at: string;
  readonly shards: readonly DrilledShard[];
  readonly provenSnapshots: number;
  readonly provenCheckpoints: number;
  readonly times: DrillTimes;
}

/** Until a verified, tradable state stands. */
export const rtoSeconds = ({ restoreSeconds, proveSeconds, recoverSeconds }: DrillTimes): number =>
  restoreSeconds + proveSeconds + recoverSeconds;

export const rpoSeconds = ({ shards }: DrillReport): number =>
  Math.max(0, ...shards.map(({ lostSeconds }) => lostSeconds));

/** Undefined: the live journal could not be asked, so nobody knows. */
export function rpoFacts({ shards }: Pick<DrillReport, 'shards'>): number | undefined {
  let facts = 0;
  for (const { lostFacts } of shards) {
    if (lostFacts === null) return undefined;
    facts += lostFacts;
  }
  return facts;
}

/** In Prometheus' text format, for a collector that reads files. Of a failed drill RPO and RTO are unknown, not zero. */
export function metricsOf(report: DrillReport): string {
  const values: Record<string, number | undefined> = {
    itirp_drill_success: report.isGood ? 1 : 0,
    itirp_drill_timestamp_seconds: Date.parse(report.at) / 1000,
    itirp_drill_backup_timestamp_seconds: Date.parse(report.takenAt) / 1000,
    ...(report.isGood
      ? {
          itirp_drill_rpo_seconds: rpoSeconds(report),
          itirp_drill_rpo_facts: rpoFacts(report),
          itirp_drill_rto_seconds: rtoSeconds(report.times),
        }
      : {}),
  };
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && Number.isFinite(value))
    .map(([name, value]) => `# TYPE ${name} gauge\n${name} ${value}\n`)
    .join('');
}

export const jsonOf = (report: DrillReport): unknown => ({
  good: report.isGood,
  wrong: report.wrong ?? null,
  backup: report.backup,
  taken_at: report.takenAt,
  at: report.at,
  rpo: { seconds: rpoSeconds(report), facts: rpoFacts(report) ?? null },
  rto: { seconds: rtoSeconds(report.times), ...report.times },
  proven: { snapshots: report.provenSnapshots, checkpoints: report.provenCheckpoints },
  shards: report.shards,
});

const count = (n: number): string => n.toLocaleString('en-US');

export function tableOf(report: DrillReport): string {
  const { times, shards } = report;
  const row = (...cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(26) : cell.padStart(16))).join('');
  const seconds = (value: number): string => `${value.toFixed(1)} s`;
  const facts = rpoFacts(report);
  return [
    `${report.backup}, taken at ${report.takenAt}`,
    row('shard', 'backup', 'live', 'facts lost', 'seconds lost'),
    ...shards.map(({ shard, position, livePosition, lostFacts, lostSeconds }) =>
      row(
        shard,
        count(position),
        livePosition === null ? 'unknown' : count(livePosition),
        lostFacts === null ? 'unknown' : count(lostFacts),
        lostSeconds.toFixed(1),
      ),
    ),
    row('restored in', seconds(times.restoreSeconds)),
    row('proven again in', seconds(times.proveSeconds)),
    row('recovered in', seconds(times.recoverSeconds)),
    row('read models, meanwhile', seconds(times.viewsSeconds)),
    row(
      'RPO',
      `${rpoSeconds(report).toFixed(1)} s`,
      facts === undefined ? 'facts unknown' : `${count(facts)} facts`,
    ),
    row('RTO', seconds(rtoSeconds(times))),
    `proven: ${report.provenSnapshots} snapshots, ${report.provenCheckpoints} checkpoints`,
    report.isGood ? 'GOOD: this backup can be traded on' : `FAILED: ${report.wrong ?? 'unknown'}`,
  ].join('\n');
}
