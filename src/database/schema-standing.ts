/** How a database's schema stands to what this program expects; asked without changing anything. */
import type pg from 'pg';
import { readMigrations } from './migrations.ts';

export interface SchemaStanding {
  /** Migrations of this program that are not applied. */
  readonly missing: readonly string[];
  /** Applied ones whose files have changed since. */
  readonly changed: readonly string[];
  /** Applied by a newer program, which has taken away what this one may use. */
  readonly contracted: readonly string[];
}

interface Applied {
  readonly name: string;
  readonly sha256: string;
  readonly contracts: boolean;
}

const TABLE = "select to_regclass('migration_sums') is not null as is_there";

export async function schemaStanding(client: Pick<pg.ClientBase, 'query'>): Promise<SchemaStanding> {
  const { rows: found } = await client.query<{ is_there: boolean }>(TABLE);
  // As JSON, for a record from before there was such a column.
  const ask =
    "select name, sha256, coalesce((to_jsonb(one)->>'contracts')::boolean, true) as contracts from migration_sums one";
  const rows = found[0]?.is_there === true ? (await client.query<Applied>(ask)).rows : [];
  const files = await readMigrations();
  const applied = new Map(rows.map((row) => [row.name, row.sha256]));
  const ours = new Set(files.map(({ name }) => name));
  return {
    missing: files.filter(({ name }) => !applied.has(name)).map(({ name }) => name),
    changed: files
      .filter(({ name, sha256 }) => (applied.get(name) ?? sha256) !== sha256)
      .map(({ name }) => name),
    contracted: rows.filter(({ name, contracts }) => contracts && !ours.has(name)).map(({ name }) => name),
  };
}
