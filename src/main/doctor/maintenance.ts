/** When each kind of maintenance last went well, as the tools have recorded it in the database. */
import type pg from 'pg';
import { hasTable } from '../../database/has-table.ts';
import { type MaintenanceKind, type MaintenanceOf, readMaintenance } from '../../database/maintenance.ts';
import { type Finding, ok, warn } from './finding.ts';

const DAY_MS = 86_400_000;

interface Duty {
  readonly kind: MaintenanceKind;
  readonly everyDays: number;
  readonly remedy: string;
  /** Who has never done it need not. */
  readonly isOptional?: true;
}

/** How often each is worth its while. */
const DUTIES: readonly Duty[] = [
  { kind: 'backup', everyDays: 1.5, remedy: 'run `itirp backup` every day' },
  { kind: 'drill', everyDays: 35, remedy: 'run `itirp drill` every month: only a restored backup is one' },
  { kind: 'verify', everyDays: 8, remedy: 'run `itirp verify` every week' },
  {
    kind: 'checkpoints',
    everyDays: 8,
    remedy: 'run `itirp verify --checkpoints` every week',
    isOptional: true,
  },
];

export async function examineMaintenance(
  client: Pick<pg.ClientBase, 'query'>,
  now: Date,
): Promise<readonly Finding[]> {
  if (!(await hasTable(client, 'maintenance_runs'))) return []; // the schema is told of elsewhere
  const { kinds } = await readMaintenance(client);
  return DUTIES.flatMap((duty) => {
    const last = kinds.find(({ kind }) => kind === duty.kind);
    return last === undefined && duty.isOptional ? [] : [judgeDuty(duty, last, now)];
  });
}

export function judgeDuty(
  { kind, everyDays, remedy }: Duty,
  last: Omit<MaintenanceOf, 'kind'> | undefined,
  now: Date,
): Finding {
  if (last === undefined) return warn(kind, 'none is on record', remedy);
  const good = last.lastGoodAtSeconds === undefined ? undefined : dateOf(last.lastGoodAtSeconds);
  const since = good === undefined ? 'none ever went well' : `the last good one is of ${good.toISOString()}`;
  if (!last.isGood) {
    const failed = `the last one failed or never ended, at ${dateOf(last.atSeconds).toISOString()}; ${since}`;
    return warn(kind, failed, `look at what it said, and ${remedy}`);
  }
  const isLate = good === undefined || now.getTime() - good.getTime() > everyDays * DAY_MS;
  return isLate ? warn(kind, since, remedy) : ok(kind, since);
}

const dateOf = (seconds: number): Date => new Date(seconds * 1000);
