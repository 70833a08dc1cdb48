/** When each kind of maintenance last went well, as the tools have recorded it in the database. */
import type pg from 'pg';
import { hasTable } from '../../database/has-table.ts';
import { type MaintenanceOf, readMaintenance } from '../../database/maintenance.ts';
import { DUTIES, type Duty } from './duties.ts';
import { bad, type Finding, ok, warn } from './finding.ts';

const HOUR_MS = 3_600_000;

export async function examineMaintenance(
  client: Pick<pg.ClientBase, 'query'>,
  now: Date,
): Promise<readonly Finding[]> {
  if (!(await hasTable(client, 'maintenance_runs'))) return []; // the schema is told of elsewhere
  const { kinds } = await readMaintenance(client);
  return Object.values<Duty>(DUTIES).flatMap((duty) => {
    const isLeftOut = duty.isOptional === true && !kinds.some(({ kind }) => kind === duty.kind);
    return isLeftOut ? [] : [judgeDuty(duty, kinds, now)];
  });
}

export function judgeDuty(
  { kind, alsoDoneBy, lateHours, badHours = Number.POSITIVE_INFINITY, remedy }: Duty,
  done: readonly MaintenanceOf[],
  now: Date,
): Finding {
  const last = done.find((one) => one.kind === kind);
  const good = done
    .filter((one) => one.kind === kind || one.kind === alsoDoneBy)
    .flatMap(({ kind: by, lastGoodAtSeconds: at }) => (at === undefined ? [] : [{ by, at: dateOf(at) }]))
    .toSorted((one, other) => other.at.getTime() - one.at.getTime())[0];
  if (last === undefined && good === undefined) return warn(kind, 'none is on record', remedy);
  const what = good?.by === kind ? 'the last good one' : `the last good ${good?.by}, which does it too,`;
  const since = good === undefined ? 'none ever went well' : `${what} is of ${good.at.toISOString()}`;
  if (last?.isGood === false) {
    const failed = `the last one failed or never ended, at ${dateOf(last.atSeconds).toISOString()}; ${since}`;
    return warn(kind, failed, `look at what it said, and ${remedy}`);
  }
  const hours = good === undefined ? lateHours : (now.getTime() - good.at.getTime()) / HOUR_MS;
  if (hours > badHours) return bad(kind, since, remedy);
  return hours > lateHours ? warn(kind, since, remedy) : ok(kind, since);
}

const dateOf = (seconds: number): Date => new Date(seconds * 1000);
