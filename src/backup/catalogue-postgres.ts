/** What tables a schema has, with their columns and references, as PostgreSQL's catalogue tells it. */
import type pg from 'pg';
import type { AppliedMigration, Column } from './archive.ts';
import { inOrder, isKept, OF_MIGRATIONS, type Reference } from './tables.ts';

/** All tables of the session's schema but those of the migrations; partitions belong to their table. */
export async function tablesIn(client: pg.ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
    order by relname`);
  return rows.map(({ name }) => name).filter((name) => !OF_MIGRATIONS.has(name));
}

/** Those that a backup keeps, in an order in which they can be filled again. */
export async function keptTablesIn(client: pg.ClientBase): Promise<readonly string[]> {
  const tables = (await tablesIn(client)).filter(isKept);
  const { rows } = await client.query<Reference>(`
    select f.relname as "from", t.relname as "to" from pg_constraint
    join pg_class f on f.oid = conrelid join pg_class t on t.oid = confrelid
    where contype = 'f' and f.relnamespace = current_schema()::regnamespace`);
  return inOrder(tables, rows);
}

/** Without those that PostgreSQL reckons itself. */
export async function columnsOf(client: pg.ClientBase, table: string): Promise<readonly Column[]> {
  const { rows } = await client.query<Column>(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = (quote_ident(current_schema()) || '.' || quote_ident($1))::regclass
       and attnum > 0 and not attisdropped and attgenerated = ''
     order by attnum`,
    [table],
  );
  return rows;
}

/** In the order of their names, which is that of their application. */
export async function migrationsIn(client: pg.ClientBase): Promise<readonly AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(
    'select name, sha256 from migration_sums order by name',
  );
  return rows;
}
