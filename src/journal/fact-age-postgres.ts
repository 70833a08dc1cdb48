/** How old a fact is that somebody has yet to read: asked of the journal's own rows, by PostgreSQL's clock. */
import type pg from 'pg';
import type { Position } from '../core/values/names.ts';

/** The row that begins last up to there is the one that holds it: rows have no gap between them. */
const ASK = `
  select extract(epoch from clock_timestamp())::float8 - recorded_at / 1e6::float8 as seconds
  from journal where shard = $1 and first_position <= $2 and last_position >= $2
  order by first_position desc limit 1`;

/** In seconds, of the first fact after `position`; undefined: there is none. @throws whatever PostgreSQL says */
export async function ageOfNext(
  pool: Pick<pg.Pool, 'query'>,
  shard: string,
  position: Position,
): Promise<number | undefined> {
  const { rows } = await pool.query<{ seconds: number }>(ASK, [shard, position + 1]);
  const [row] = rows;
  return row === undefined ? undefined : Math.max(0, row.seconds); // clocks may differ by a little
}
