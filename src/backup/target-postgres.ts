/** An empty PostgreSQL that takes a backup in: its schema as it was, all rows in one transaction, then brought up to date. */
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams';
import { migrate } from '../database/migrations.ts';
import { asFault } from '../database/outage.ts';
import { openClient } from '../database/pool.ts';
import { Fault } from '../faults/fault.ts';
import { nameOfPart, type PartLabel, type Preface, type Rows } from './archive.ts';
import { columnsOf, migrationsIn, tablesIn } from './catalogue-postgres.ts';
import { COPY_HEADER, COPY_TRAILER } from './row-bytes.ts';
import type { RestoreTarget } from './source.ts';

const MIGRATIONS = fileURLToPath(new URL('../database/migrations', import.meta.url));
/** Foreign keys are checked when a COPY ends, and remembered until then: a new one is begun after so many rows. */
const COPY_ROWS_MAX = 100_000;
/** What says whose the database is, and not what is in it: the first user enters himself, and the backup's word wins. */
const OWN_WORD = 'deployment';
/** What tools wrote of themselves while it stood empty, a backup by the clock say. It is nobody's data, and stays. */
const OWN_RUNS = 'maintenance_runs';

export interface PostgresTargetOptions {
  readonly url: string;
  /** Where the tables go. Default `public`. */
  readonly schema?: string;
}

export class PostgresRestoreTarget implements RestoreTarget {
  readonly #options: PostgresTargetOptions;
  #session: pg.Client | undefined;
  #part: PartLabel | undefined;
  #copy: CopyStreamQuery | undefined;
  #copied = 0;

  constructor(options: PostgresTargetOptions) {
    this.#options = options;
  }

  async open(preface: Preface): Promise<void> {
    const { url, schema = 'public' } = this.#options;
    const session = openClient(url, {
      applicationName: 'itirp restore',
      statementTimeoutMs: 0,
      idleInTransactionMs: 0,
    });
    session.on('error', () => {});
    this.#session = session;
    await this.#work(async () => {
      await session.connect();
      await session.query(`create schema if not exists ${pg.escapeIdentifier(schema)}`);
      await session.query(`set search_path to ${pg.escapeIdentifier(schema)}`);
      await this.#checkEmpty();
      await migrateAsOf(preface, url, schema);
      const applied = await migrationsIn(session);
      if (applied.length > preface.migrations.length) {
        throw notEmpty('it has tables that are newer than the backup; give one without any tables');
      }
      await session.query('begin');
      if ((await tablesIn(session)).includes(OWN_WORD)) await session.query(`delete from ${OWN_WORD}`);
    });
  }

  async begin(part: PartLabel): Promise<void> {
    await this.#work(async () => {
      const there = await columnsOf(this.#mine(), part.table).catch(() => []);
      const missing = part.columns.find(
        (column) => !there.some(({ name, type }) => name === column.name && type === column.type),
      );
      if (missing !== undefined) {
        throw new Fault(
          'BACKUP_INVALID',
          `${part.table} has no ${missing.name} of type ${missing.type} here`,
        );
      }
      this.#part = part;
    });
  }

  async rows({ count, bytes }: Rows): Promise<void> {
    await this.#work(async () => {
      if (this.#copied >= COPY_ROWS_MAX) await this.#endCopy();
      this.#copy ??= this.#beginCopy();
      this.#copied += count;
      if (!this.#copy.write(bytes)) await once(this.#copy, 'drain');
    });
  }

  async end(): Promise<void> {
    await this.#work(() => this.#endCopy());
  }

  async commit(): Promise<void> {
    const { url, schema = 'public' } = this.#options;
    await this.#work(async () => {
      const session = this.#mine();
      await goOnCounting(session);
      await session.query('commit');
      const tables = await tablesIn(session); // a drill's live neighbours in the same database are left alone
      await session.query(`analyze ${tables.map((table) => pg.escapeIdentifier(table)).join(', ')}`);
      await session.end();
      this.#session = undefined;
      await migrate(url, { schema });
    });
  }

  async abort(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#copy?.destroy();
    this.#copy = undefined;
    await session?.end().catch(() => {}); // and with it goes the transaction
  }

  #beginCopy(): CopyStreamQuery {
    if (this.#part === undefined) throw new Error('rows come in a part');
    const names = this.#part.columns.map(({ name }) => pg.escapeIdentifier(name)).join(', ');
    const table = pg.escapeIdentifier(this.#part.table);
    const copy = this.#mine().query(copyFrom(`copy ${table} (${names}) from stdin with (format binary)`));
    copy.on('error', () => {}); // told to whoever waits for it
    copy.write(COPY_HEADER);
    return copy;
  }

  async #endCopy(): Promise<void> {
    const copy = this.#copy;
    if (copy === undefined) return;
    this.#copy = undefined;
    this.#copied = 0;
    copy.end(COPY_TRAILER);
    await finished(copy);
  }

  #mine(): pg.Client {
    if (this.#session === undefined) throw new Error('the target is not open');
    return this.#session;
  }

  /** Any table with a row in it may be somebody's. */
  async #checkEmpty(): Promise<void> {
    const session = this.#mine();
    for (const table of await tablesIn(session)) {
      if (table === OWN_WORD || table === OWN_RUNS) continue;
      const { rows } = await session.query<{ is: boolean }>(
        `select exists (select from ${pg.escapeIdentifier(table)}) as is`,
      );
      if (rows[0]?.is === true) throw notEmpty(`its table ${table} has rows`);
    }
  }

  async #work(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof Fault || this.#part === undefined) throw asFault(error);
      const fault = asFault(error);
      if (fault instanceof Fault) throw fault;
      const says = error instanceof Error ? error.message : String(error);
      throw new Fault('BACKUP_INVALID', `${nameOfPart(this.#part)} is refused: ${says}`, { cause: error });
    }
  }
}

const notEmpty = (why: string): Fault =>
  new Fault('ARGUMENT_INVALID', `a backup is restored into an empty database only, and here ${why}`);

/**
 * Makes the schema that the backup was taken of: later migrations find the rows that they were written for.
 * @throws Fault MIGRATION_UNKNOWN, MIGRATION_CHANGED
 */
async function migrateAsOf({ migrations, program }: Preface, url: string, schema: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-migrations-'));
  try {
    for (const { name } of migrations) {
      await cp(join(MIGRATIONS, `${name}.sql`), join(folder, `${name}.sql`)).catch((error: unknown) => {
        const says = `${name} of the backup is not known here; restore with program ${program}, or a newer one`;
        throw new Fault('MIGRATION_UNKNOWN', says, { cause: error });
      });
    }
    await migrate(url, { schema, folder }).catch((error: unknown) => {
      if (!(error instanceof Fault) || error.code !== 'MIGRATION_UNKNOWN') throw error;
      throw notEmpty('it has tables that are newer than the backup; give one without any tables');
    });
    await checkSums(migrations, url, schema);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkSums(expected: Preface['migrations'], url: string, schema: string): Promise<void> {
  const client = openClient(url);
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(`set search_path to ${pg.escapeIdentifier(schema)}`);
    const applied = await migrationsIn(client);
    const changed = expected.find(
      ({ name, sha256 }) => applied.find((migration) => migration.name === name)?.sha256 !== sha256,
    );
    if (changed === undefined) return;
    throw new Fault('MIGRATION_CHANGED', `${changed.name} is not what it was when the backup was taken`);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Identities go on after the highest number that came in. */
async function goOnCounting(session: pg.Client): Promise<void> {
  const { rows } = await session.query<{ table: string; column: string }>(`
    select relname as "table", attname as "column" from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = current_schema()::regnamespace and attidentity <> '' and relkind in ('r', 'p')`);
  for (const { table, column } of rows) {
    const [t, c] = [pg.escapeIdentifier(table), pg.escapeIdentifier(column)];
    await session.query(
      `select setval(pg_get_serial_sequence(quote_ident($1), $2), greatest((select max(${c}) from ${t}), 1),
         exists (select from ${t}))`,
      [table, column],
    );
  }
}
