/** Maintenance that leaves its outcome in the live database, good or not: whoever watches the platform reads it there. */
import type { Database } from '../database/database.ts';
import { type MaintenanceKind, recordMaintenance } from '../database/maintenance.ts';
import { messageOf } from '../database/outage.ts';

export interface Told {
  readonly isGood: boolean;
  readonly figures: Readonly<Record<string, unknown>>;
}

/** What `work` comes to, which `tell` puts into figures. A record that cannot be written changes nothing: it is said. */
export async function recordedRun<Result>(
  { looks: pool }: Pick<Database, 'looks'>,
  kind: MaintenanceKind,
  work: () => Promise<Result>,
  tell: (result: Result) => Told,
): Promise<Result> {
  const startedAt = new Date();
  const record = async (told: Told): Promise<void> => {
    try {
      await recordMaintenance(pool, { kind, startedAt, ...told });
    } catch (error) {
      process.stderr.write(`itirp: how it ended could not be recorded: ${messageOf(error)}\n`);
    }
  };
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    await record({ isGood: false, figures: { wrong: messageOf(error) } });
    throw error;
  }
  await record(tell(result));
  return result;
}
