/** Whether a table is there: asked by what has to know before the schema is brought up to date. */
import type pg from 'pg';

export async function hasTable(client: Pick<pg.ClientBase, 'query'>, name: string): Promise<boolean> {
  const { rows } = await client.query('select where to_regclass($1) is not null', [name]);
  return rows.length > 0;
}
