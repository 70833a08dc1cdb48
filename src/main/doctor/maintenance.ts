/** When a backup, a drill and a verification last went well, as the tools have recorded it in the database. */
import type pg from 'pg';
import { hasTable } from '../../database/has-table.ts';
import { type Finding, ok, warn } from './finding.ts';

const DAY_MS = 86_400_000;

interface Duty {
  readonly kind: 'backup' | 'drill' | 'verify';
  readonly everyDays: number;
  readonly remedy: string;
}

/** How often each is worth its while. */
const DUTIES: readonly Duty[] = [
  { kind: 'backup', everyDays: 1.5, remedy: 'run `itirp backup` every day' },
  { kind: 'drill', everyDays: 35, remedy: 'run `itirp drill` every month: only a restored backup is one' },
  { kind: 'verify', everyDays: 8, remedy: 'run `itirp verify` every week' },
];

export interface LastRun {
  readonly kind: string;
  readonly outcome: string;
  readonly endedAt: Date;
  /** Undefined: none ever was. */
  readonly goodAt: Date | undefined;
}

const LAST = `
  select distinct on (kind) kind, outcome, ended_at as "endedAt",
    (select max(ended_at) from maintenance_runs good where good.kind = one.kind and outcome = 'good') as "goodAt"
  from maintenance_runs one order by kind, ended_at desc`;

export async function examineMaintenance(
  client: Pick<pg.ClientBase, 'query'>,
  now: Date,
): Promise<readonly Finding[]> {
  if (!(await hasTable(client, 'maintenance_runs'))) return []; // the schema is told of elsewhere
  const { rows } = await client.query<LastRun>(LAST);
  return DUTIES.map((duty) =>
    judgeDuty(
      duty,
      rows.find(({ kind }) => kind === duty.kind),
      now,
    ),
  );
}

export function judgeDuty({ kind, everyDays, remedy }: Duty, last: LastRun | undefined, now: Date): Finding {
  if (last === undefined) return warn(kind, 'none is on record', remedy);
  const good = last.goodAt ?? undefined;
  const since = good === undefined ? 'none ever went well' : `the last good one is of ${good.toISOString()}`;
  if (last.outcome !== 'good') {
    const failed = `the last one failed, at ${last.endedAt.toISOString()}; ${since}`;
    return warn(kind, failed, `look at what it said, and ${remedy}`);
  }
  const isLate = good === undefined || now.getTime() - good.getTime() > everyDays * DAY_MS;
  return isLate ? warn(kind, since, remedy) : ok(kind, since);
}
