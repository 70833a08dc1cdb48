/** The publisher's memory in PostgreSQL: a row for each shard, and a checkpoint beside it. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Position } from '../core/values/names.ts';
import { asFault } from '../database/outage.ts';
import type { Checkpoint, Published } from './published.ts';

export class PostgresPublished implements Published {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async position(shard: string): Promise<Position> {
    const ask = 'select position from publisher_positions where shard = $1';
    const rows = await this.#query<{ position: bigint }>(ask, [shard]);
    return Number(rows[0]?.position ?? 0n) as Position;
  }

  async move(shard: string, position: Position): Promise<void> {
    await this.#query(MOVE, [shard, position]);
  }

  async checkpoint(shard: string): Promise<Checkpoint | undefined> {
    const ask = 'select position, digest, body from publisher_checkpoints where shard = $1';
    const rows = await this.#query<CheckpointRow>(ask, [shard]);
    const [row] = rows;
    if (row === undefined || !digestOf(row.body).equals(row.digest)) return undefined;
    return { position: Number(row.position) as Position, body: row.body };
  }

  async keep(shard: string, { position, body }: Checkpoint): Promise<void> {
    const sql = `
      insert into publisher_checkpoints (shard, position, digest, body) values ($1, $2, $3, $4)
      on conflict (shard) do update
      set position = excluded.position, digest = excluded.digest, body = excluded.body`;
    await this.#query(sql, [shard, position, digestOf(body), body]);
  }

  async #query<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(sql, [...values])).rows;
    } catch (error) {
      throw asFault(error);
    }
  }
}

interface CheckpointRow {
  readonly position: bigint;
  readonly digest: Buffer;
  readonly body: Buffer;
}

/** Does not wait for the disk, nor for the standby: a position that was lost is told from again. */
const MOVE = `
  with unhurried as (select set_config('synchronous_commit', 'off', true))
  insert into publisher_positions as p (shard, position) select $1, $2::bigint from unhurried
  on conflict (shard) do update set position = excluded.position, moved_at = now()
  where p.position < excluded.position`;

const digestOf = (body: Buffer): Buffer => createHash('sha256').update(body).digest();
