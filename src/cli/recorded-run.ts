/** Maintenance that leaves in the live database that it began and how it ended: whoever watches the platform reads it there. */
import type { Database } from '../database/database.ts';
import {
  beginRun,
  endRun,
  type MaintenanceEnd,
  type MaintenanceKind,
  newRun,
} from '../database/maintenance.ts';
import { messageOf } from '../database/outage.ts';
import { RunHold } from '../database/run-hold.ts';
import type { Config } from '../main/config.ts';
import { withoutOurSecrets } from './ending.ts';
import type { LastWords } from './last-words.ts';
import { type DatabaseFlags, withDatabase } from './with-database.ts';

export interface Told {
  readonly isGood: boolean;
  readonly figures: Readonly<Record<string, unknown>>;
}

interface Place {
  readonly database: Pick<Database, 'looks' | 'url'>;
  /** What is still said when the tool is interrupted. */
  readonly lastWords: LastWords;
}

/**
 * {@link recordedRun} on the database that the flags name, whose schema is left as it is.
 * @throws Fault MIGRATION_MISSING: it lacks something; and whatever `withDatabase` and `work` say
 */
export const recordedOn = <Result>(
  flags: DatabaseFlags,
  kind: MaintenanceKind,
  work: (database: Database, config: Config) => Promise<Result>,
  tell: (result: Result) => Told,
): Promise<Result> =>
  withDatabase(
    flags,
    (database, config, lastWords) =>
      recordedRun({ database, lastWords }, kind, () => work(database, config), tell),
    { mayMigrate: false },
  );

/** What `work` comes to, which `tell` puts into figures. A record that cannot be written changes nothing: it is said. */
export async function recordedRun<Result>(
  { database: { looks: pool, url }, lastWords }: Place,
  kind: MaintenanceKind,
  work: () => Promise<Result>,
  tell: (result: Result) => Told,
): Promise<Result> {
  const run = newRun(kind);
  const hold = new RunHold(url, run.id);
  const write = async (what: string, writing: () => Promise<void>): Promise<void> => {
    try {
      await writing();
    } catch (error) {
      const says = `${what} could not be recorded: ${messageOf(error)}`;
      process.stderr.write(`itirp: ${withoutOurSecrets(says)}\n`);
    }
  };
  let ending: Promise<void> | undefined;
  const end = (outcome: MaintenanceEnd, figures: Told['figures'] = {}): Promise<void> => {
    ending ??= write('how it ended', () => endRun(pool, run, outcome, sayable(figures))).then(() =>
      hold.release(),
    );
    return ending; // the first word counts: interrupted work fails as its database is closed
  };
  const leave = lastWords.add(() => end('interrupted'));
  await write('that it began', async () => {
    await hold.take();
    await beginRun(pool, run);
  });
  try {
    const result = await work();
    const { isGood, figures } = tell(result);
    await end(isGood ? 'good' : 'failed', figures);
    return result;
  } catch (error) {
    await end('failed', { wrong: messageOf(error) });
    throw error;
  } finally {
    leave();
  }
}

/** What is written there stays for good, and is read by many. */
const sayable = (figures: Told['figures']): Told['figures'] =>
  JSON.parse(
    JSON.stringify(figures, (_name, value: unknown) =>
      typeof value === 'string' ? withoutOurSecrets(value) : value,
    ),
  );
