/** The copies that follow this server, as it sees them: how far each is behind, and whether a commit may wait for one. */
import type pg from 'pg';

export interface Standby {
  /** What it calls itself (`application_name`). */
  readonly name: string;
  /** Log that it has not replayed, in bytes. */
  readonly lagBytes: number;
  /** How old what it has replayed is; undefined: it has not said. */
  readonly lagSeconds: number | undefined;
}

export interface Replication {
  readonly standbys: readonly Standby[];
  /** How many of them a commit may wait for. */
  readonly synchronous: number;
}

/** More names than this are not shown: each is a series, and standbys name themselves. */
const STANDBYS_MAX = 16;

/** The slowest of a name. Where nothing is left to replay, its last word on a lag is of the past. */
const ASK = `
  select application_name as name, max(bytes)::float8 as "lagBytes",
    max(case when bytes <= 0 then 0 else extract(epoch from replay_lag) end)::float8 as "lagSeconds",
    count(*) filter (where sync_state in ('sync', 'quorum'))::integer as synchronous
  from (select *, pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(replay_lsn, flush_lsn, sent_lsn)) as bytes
        from pg_stat_replication where state <> 'backup') as standby
  group by application_name order by application_name`;

interface Row {
  readonly name: string;
  readonly lagBytes: number | null;
  readonly lagSeconds: number | null;
  readonly synchronous: number;
}

/** Of those whose positions we may see: a user without pg_monitor sees the names alone. @throws whatever PostgreSQL says */
export async function readReplication(pool: Pick<pg.Pool, 'query'>): Promise<Replication> {
  const { rows } = await pool.query<Row>(ASK);
  const standbys = rows.slice(0, STANDBYS_MAX).flatMap(({ name, lagBytes, lagSeconds }) => {
    if (lagBytes === null) return [];
    return [{ name, lagBytes: Math.max(0, lagBytes), lagSeconds: lagSeconds ?? undefined }];
  });
  return { standbys, synchronous: rows.reduce((sum, { synchronous }) => sum + synchronous, 0) };
}
