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
  /**
   * From the newest fact in the backup to the newest there is (to now, where the live journal could not be asked); null:
   * the backup has no fact to reckon from, and the live journal could not be asked.
   */
  readonly lostSeconds: number | null;
}

/** Null: the drill did not come so far. */
export interface DrillTimes {
  /** Read, proven, and in the database. */
  readonly restoreSeconds: number | null;
  /** Chain and snapshots proven once more, from the database. */
  readonly proveSeconds: number | null;
  /** The state as an engine makes it at its start: from here on orders could be taken. */
  readonly recoverSeconds: number | null;
  /** The read models, which trading does not wait for. */
  readonly viewsSeconds: number | null;
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

/** Until a verified, tradable state stands. Undefined: none came to stand, so nobody knows. */
export function rtoSeconds({ restoreSeconds, proveSeconds, recoverSeconds }: DrillTimes): number | undefined {
  const parts = allKnown([restoreSeconds, proveSeconds, recoverSeconds]);
  return parts?.reduce((sum, seconds) => sum + seconds, 0);
}

/** Undefined: of one shard at least nobody knows, or no shard was looked at. */
export function rpoSeconds({ shards }: Pick<DrillReport, 'shards'>): number | undefined {
  const lost = allKnown(shards.map(({ lostSeconds }) => lostSeconds));
  return lost === undefined ? undefined : Math.max(...lost);
}

/** Undefined: the live journal could not be asked, so nobody knows; or no shard was looked at. */
export function rpoFacts({ shards }: Pick<DrillReport, 'shards'>): number | undefined {
  return allKnown(shards.map(({ lostFacts }) => lostFacts))?.reduce((sum, facts) => sum + facts, 0);
}

/** Undefined: one is not known, or there is none. What was not measured must not read as nothing lost. */
function allKnown(figures: readonly (number | null)[]): readonly number[] | undefined {
  const known = figures.filter((figure) => figure !== null);
  return known.length === 0 || known.length < figures.length ? undefined : known;
}

/** In Prometheus' text format, for a collector that reads files. What is unknown is left out: it is not zero. */
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
  rpo: { seconds: rpoSeconds(report) ?? null, facts: rpoFacts(report) ?? null },
  rto: { seconds: rtoSeconds(report.times) ?? null, ...report.times },
  proven: { snapshots: report.provenSnapshots, checkpoints: report.provenCheckpoints },
  shards: report.shards,
});

const count = (n: number): string => n.toLocaleString('en-US');

export function tableOf(report: DrillReport): string {
  const { times, shards } = report;
  const row = (...cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(26) : cell.padStart(16))).join('');
  const known = (value: number | null | undefined, says: (value: number) => string): string =>
    value === null || value === undefined ? 'unknown' : says(value);
  const seconds = (value: number | null | undefined): string =>
    known(value, (measured) => `${measured.toFixed(1)} s`);
  const facts = rpoFacts(report);
  return [
    `${report.backup}, taken at ${report.takenAt}`,
    row('shard', 'backup', 'live', 'facts lost', 'seconds lost'),
    ...shards.map(({ shard, position, livePosition, lostFacts, lostSeconds }) =>
      row(
        shard,
        count(position),
        known(livePosition, count),
        known(lostFacts, count),
        known(lostSeconds, (lost) => lost.toFixed(1)),
      ),
    ),
    row('restored in', seconds(times.restoreSeconds)),
    row('proven again in', seconds(times.proveSeconds)),
    row('recovered in', seconds(times.recoverSeconds)),
    row('read models, meanwhile', seconds(times.viewsSeconds)),
    row('RPO', seconds(rpoSeconds(report)), facts === undefined ? 'facts unknown' : `${count(facts)} facts`),
    row('RTO', seconds(rtoSeconds(times))),
    `proven: ${report.provenSnapshots} snapshots, ${report.provenCheckpoints} checkpoints`,
    report.isGood ? 'GOOD: this backup can be traded on' : `FAILED: ${report.wrong ?? 'unknown'}`,
  ].join('\n');
}
