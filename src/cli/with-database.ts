/** Opens the database for a tool: the running server's, or one started for the moment; and closes it whatever comes. */
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrations.ts';
import { type Config, loadConfig } from '../main/config.ts';
import { onInterrupt } from './ending.ts';

/** Options that every tool on the database has. */
export interface DatabaseFlags {
  readonly dataDir?: string;
}

/** The settings of a tool: the environment's, with a command's own flags before them. Tools sign no tokens. */
export const toolConfig = (flags: DatabaseFlags): Config =>
  loadConfig({
    ...process.env,
    ENVIRONMENT: 'demo',
    ...(flags.dataDir === undefined ? {} : { DATA_DIR: flags.dataDir }),
  });

/**
 * Runs `work` on the database, its schema brought up to date. Ctrl-C closes it first: an embedded server that was
 * started for the tool must not be left behind.
 */
export async function withDatabase<T>(
  flags: DatabaseFlags,
  work: (database: Database, config: Config) => Promise<T>,
): Promise<T> {
  const config = toolConfig(flags);
  const database = await openDatabase({
    dataDir: config.DATA_DIR,
    url: config.POSTGRES_URL,
    exclusive: false,
  });
  const leave = onInterrupt((code) => {
    void database.close().finally(() => process.exit(code));
  });
  try {
    await migrate(database.url);
    return await work(database, config);
  } finally {
    leave();
    await database.close();
  }
}
