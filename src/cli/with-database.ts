/** Opens the database for a tool: the running server's, or one started for the moment; and closes it whatever comes. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { addressOf } from '../database/address.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { checkMigrated, migrate } from '../database/migrations.ts';
import { Fault } from '../faults/fault.ts';
import type { Config } from '../main/config.ts';
import { loadConfig } from '../main/load-config.ts';
import { overlaid } from '../main/setting-files.ts';
import { undoOnInterrupt } from './ending.ts';
import { LastWords } from './last-words.ts';

/** Options that every tool on the database has. */
export interface DatabaseFlags {
  readonly dataDir?: string;
}

/** The settings of a tool: the environment's, with a command's own flags before them. Tools sign no tokens. */
export const toolConfig = (flags: DatabaseFlags): Config =>
  loadConfig(overlaid(process.env, flags.dataDir === undefined ? {} : { DATA_DIR: flags.dataDir }), true);

interface DatabaseWishes {
  /** Make the database where there is none. Default false: who only looks must not find an empty one sound. */
  readonly mayCreate?: boolean;
  /** Nobody else may use it meanwhile: a server that runs on it is a reason to refuse. Default false. */
  readonly isAlone?: boolean;
  /** False: a schema that lacks something is a reason to refuse, since who only looks must not change it. Default true. */
  readonly mayMigrate?: boolean;
}

/**
 * Runs `work` on the database, its schema brought up to date where that may be. Ctrl-C closes it first, once the
 * last words are said: an embedded server that was started for the tool must not be left behind.
 * @throws Fault DATABASE_MISSING: there is none, and it may not be made; DATABASE_IN_USE: it was to be had alone
 * @throws Fault MIGRATION_MISSING: its schema lacks something, and may not be changed
 */
export async function withDatabase<T>(
  flags: DatabaseFlags,
  work: (database: Database, config: Config, lastWords: LastWords) => Promise<T>,
  { mayCreate = false, isAlone = false, mayMigrate = true }: DatabaseWishes = {},
): Promise<T> {
  const config = toolConfig(flags);
  if (!mayCreate && config.POSTGRES_URL === undefined) await findDatabase(config.DATA_DIR);
  const database = await openDatabase({
    dataDir: config.DATA_DIR,
    url: config.POSTGRES_URL,
    exclusive: isAlone,
  });
  process.stderr.write(`on ${placeOf(config)}\n`); // a verdict on another database than was meant is worse than none
  const lastWords = new LastWords();
  const leave = undoOnInterrupt(async () => {
    await lastWords.say();
    await database.close();
  });
  try {
    if (mayMigrate) await migrate(database.url);
    else await checkMigrated(database.url);
    return await work(database, config, lastWords);
  } finally {
    leave();
    await database.close();
  }
}

/** Where the database is, for people. Holds no password. */
export function placeOf({ POSTGRES_URL: url, DATA_DIR: dataDir }: Config): string {
  if (url === undefined) return `the embedded PostgreSQL in ${resolve(dataDir)}`;
  const { hosts, urls } = addressOf(url);
  return `PostgreSQL at ${hosts}${new URL(urls[0] ?? '').pathname}`;
}

/** What cannot be looked at may be there: opening it says what is wrong. @throws Fault DATABASE_MISSING */
async function findDatabase(dataDir: string): Promise<void> {
  try {
    await stat(join(dataDir, 'postgres', 'PG_VERSION'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return;
    const remedy = 'name the right one with --data-dir or DATA_DIR, or make one with `itirp migrate`';
    throw new Fault('DATABASE_MISSING', `${resolve(dataDir)}; ${remedy}`, { cause: error });
  }
}
