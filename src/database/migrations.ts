/** Brings the schema to what this program expects: plain SQL files, forward only, never changed once applied. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { Fault } from '../faults/fault.ts';
import { hasTable } from './has-table.ts';
import { asFault, codeOf } from './outage.ts';
import { openClient } from './pool.ts';

const FOLDER = fileURLToPath(new URL('./migrations', import.meta.url));
const TABLE = 'migrations';

export interface MigrationOptions {
  /** Where the tables go; made when missing. Default `public`. */
  readonly schema?: string;
  /** The SQL files. Default: this program's own. */
  readonly folder?: string;
}

interface Migration {
  /** The file's name without `.sql`. */
  readonly name: string;
  readonly sha256: string;
  /** Takes away what an older program still uses: such a one must not run beside it. */
  readonly contracts: boolean;
}

/**
 * Behind a table's lock that is waited for, everybody else waits too, appends among them. So a long read (a backup, a
 * rebuild) makes the migration fail, and not the orders behind it.
 */
const LOCK_TIMEOUT = '5s';
const LOCK_NOT_AVAILABLE = '55P03';

/** A file that takes something away says so, in a line of its own. */
const CONTRACT = /^-- contract:/m;

/**
 * Applies what is missing, all of it or nothing, one process at a time. Returns the names applied, in order.
 * @throws Fault MIGRATION_CHANGED: an applied file is not what it was
 * @throws Fault MIGRATION_UNKNOWN: a newer program has taken away from the schema what this one may use
 * @throws Fault MIGRATION_BLOCKED: a long read or write of a table kept it from being changed; nothing was applied
 * @throws Fault DATABASE_UNAVAILABLE
 */
export async function migrate(url: string, options: MigrationOptions = {}): Promise<string[]> {
  const { schema = 'public', folder = FOLDER } = options;
  const client = openClient(url, {
    applicationName: 'itirp migrate',
    statementTimeoutMs: 0,
    idleInTransactionMs: 0,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query("select pg_advisory_lock(hashtextextended('itirp migrate ' || $1, 0))", [schema]);
    const files = await readMigrations(folder);
    await prepare(client, schema);
    if (await areApplied(client, files)) return [];
    const applied = await apply(client, schema, folder);
    await remember(client, files);
    return applied;
  } catch (error) {
    throw asFault(error);
  } finally {
    await client.end().catch(() => {}); // and with it goes the lock
  }
}

/**
 * Is the schema that `url` leads to what this program expects? Changes nothing.
 * @throws Fault MIGRATION_MISSING: something is still to be applied
 * @throws Fault MIGRATION_CHANGED, MIGRATION_UNKNOWN, DATABASE_UNAVAILABLE as `migrate`
 */
export async function checkMigrated(url: string): Promise<void> {
  const client = openClient(url, { applicationName: 'itirp migrations' });
  client.on('error', () => {});
  try {
    await client.connect();
    const files = await readMigrations(FOLDER);
    if ((await hasTable(client, 'migration_sums')) && (await areApplied(client, files))) return;
    throw new Fault('MIGRATION_MISSING', 'run `itirp migrate` first, or the program that the nodes run');
  } catch (error) {
    throw asFault(error);
  } finally {
    await client.end().catch(() => {});
  }
}

/** In their order. */
export async function readMigrations(folder: string = FOLDER): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return await Promise.all(
    names.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8');
      return {
        name: basename(file, '.sql'),
        sha256: createHash('sha256').update(text).digest('hex'),
        contracts: CONTRACT.test(text),
      };
    }),
  );
}

async function prepare(client: pg.Client, schema: string): Promise<void> {
  const quoted = client.escapeIdentifier(schema);
  await client.query(`create schema if not exists ${quoted}`);
  await client.query(`set search_path to ${quoted}`);
  await client.query(`create table if not exists migration_sums (
    name text primary key,
    sha256 text not null,
    contracts boolean not null default true
  )`);
  const { rowCount } = await client.query(`select from pg_attribute
    where attrelid = 'migration_sums'::regclass and attname = 'contracts'`);
  if (rowCount === 1) return; // and no lock is asked for, which a long reader might keep from us
  await client.query('alter table migration_sums add column contracts boolean not null default true');
}

/**
 * Is every file applied already? Throws when what is applied is not what the files say. A newer program may have added
 * to the schema: that is how a release is rolled out node by node. It may not have taken away.
 */
async function areApplied(client: pg.Client, files: readonly Migration[]): Promise<boolean> {
  // As JSON, for a record from before there was such a column.
  const { rows } = await client.query<Migration>(`
    select name, sha256, coalesce((to_jsonb(one)->>'contracts')::boolean, true) as contracts
    from migration_sums one order by name`);
  const applied = new Map(rows.map((row) => [row.name, row]));
  const missing = files.filter(({ name }) => !applied.has(name));
  const names = new Set(files.map(({ name }) => name));
  const strange = rows.find((row) => !names.has(row.name) && (row.contracts || missing.length > 0));
  if (strange !== undefined) {
    const remedy = 'run the program that applied it, or a newer one';
    throw new Fault('MIGRATION_UNKNOWN', `${strange.name} is not known here; ${remedy}`);
  }
  const changed = files.find(({ name, sha256 }) => (applied.get(name)?.sha256 ?? sha256) !== sha256);
  if (changed !== undefined) {
    const remedy = 'restore the file and put the change into a new migration';
    throw new Fault('MIGRATION_CHANGED', `${changed.name}.sql; ${remedy}`);
  }
  return missing.length === 0;
}

/** All in one transaction: a migration that fails leaves the schema as it was. */
async function apply(client: pg.Client, schema: string, folder: string): Promise<string[]> {
  const { runner } = await import('node-pg-migrate'); // a tenth of a second that most starts can do without
  await client.query(`set lock_timeout = '${LOCK_TIMEOUT}'`);
  const ran = await runner({
    dbClient: client,
    dir: folder,
    direction: 'up',
    schema,
    migrationsTable: TABLE,
    singleTransaction: true,
    noLock: true, // ours is held, over the check too
    log: () => {},
  }).catch((error: unknown) => {
    if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw error;
    const remedy = 'wait for the backup or the rebuild that reads it to end, and start again';
    throw new Fault('MIGRATION_BLOCKED', `a table is in use; ${remedy}`, { cause: error });
  });
  return ran.map(({ name }) => name);
}

/** Sums are kept for what is applied and has none yet: also after a crash between the two statements. */
async function remember(client: pg.Client, files: readonly Migration[]): Promise<void> {
  await client.query(
    `insert into migration_sums (name, sha256, contracts)
     select name, sha256, contracts from unnest($1::text[], $2::text[], $3::boolean[]) as file (name, sha256, contracts)
     on conflict (name) do update set contracts = excluded.contracts`,
    [
      files.map(({ name }) => name),
      files.map(({ sha256 }) => sha256),
      files.map(({ contracts }) => contracts),
    ],
  );
}
