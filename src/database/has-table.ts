/** Whether a table is there: asked by what has to know before the schema is brought up to date. */
import type pg from 'pg';

export async function hasTable(pool: pg.Pool, name: string): Promise<boolean> {
  const { rows } = await pool.query('select where to_regclass($1) is not null', [name]);
  return rows.length > 0;
}
