/** The copies that follow this server, as it sees them: how far each is behind, and whether a commit may wait for one. */
import type pg from 'pg';

/** One that is connected just now. */
export interface Follower {
  /** What it calls itself (`application_name`). */
  readonly name: string;
  /** `streaming`, `catchup`, `startup` or `stopping`. */
  readonly state: string;
  /** `sync`, `quorum`, `potential` or `async`. */
  readonly sync: string;
  /** Log that it has not replayed, in bytes; undefined: it has not said. */
  readonly lagBytes: number | undefined;
  /** How old what it has replayed is; undefined: it has not said. */
  readonly lagSeconds: number | undefined;
}

/** All of one name, by the slowest of them. */
export interface Standby {
  readonly name: string;
  readonly lagBytes: number;
  readonly lagSeconds: number | undefined;
}

export interface Replication {
  /** Those that have said where they are. */
  readonly standbys: readonly Standby[];
  /** How many of all a commit may wait for. */
  readonly synchronous: number;
}

/** More names than this are not shown: each is a series, and standbys name themselves. */
const STANDBYS_MAX = 16;

/** Where nothing is left to replay, a standby's last word on a lag is of the past. A backup under way follows nobody. */
const ASK = `
  select application_name as name, state, sync_state as sync, greatest(bytes, 0)::float8 as "lagBytes",
    (case when bytes <= 0 then 0 else extract(epoch from replay_lag) end)::float8 as "lagSeconds"
  from (select *, pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(replay_lsn, flush_lsn, sent_lsn)) as bytes
        from pg_stat_replication where state is distinct from 'backup') as follower
  order by application_name`;

interface Row {
  readonly name: string;
  readonly state: string | null;
  readonly sync: string | null;
  readonly lagBytes: number | null;
  readonly lagSeconds: number | null;
}

/**
 * In the order of their names. Undefined: there are some, and how they are is kept from our user, who lacks
 * `pg_monitor`: then nothing at all may be concluded, least of all that none is there.
 * @throws whatever PostgreSQL says, also that it is a standby itself
 */
export async function readFollowers(
  pool: Pick<pg.ClientBase, 'query'>,
): Promise<readonly Follower[] | undefined> {
  const { rows } = await pool.query<Row>(ASK);
  const followers: Follower[] = [];
  for (const { name, state, sync, lagBytes, lagSeconds } of rows) {
    if (state === null || sync === null) return undefined;
    followers.push({
      name,
      state,
      sync,
      lagBytes: lagBytes ?? undefined,
      lagSeconds: lagSeconds ?? undefined,
    });
  }
  return followers;
}

/** Does a commit wait for it, or for some of those like it? */
export const isSynchronous = ({ sync }: Pick<Follower, 'sync'>): boolean =>
  sync === 'sync' || sync === 'quorum';

/** For who shows figures; undefined: how they are is hidden, see {@link readFollowers}. @throws whatever PostgreSQL says */
export async function readReplication(pool: Pick<pg.ClientBase, 'query'>): Promise<Replication | undefined> {
  const followers = await readFollowers(pool);
  if (followers === undefined) return undefined;
  const byName = [...Map.groupBy(followers, ({ name }) => name)].slice(0, STANDBYS_MAX);
  const standbys = byName.flatMap(([name, ones]) => {
    const lagBytes = most(ones.map((one) => one.lagBytes));
    if (lagBytes === undefined) return [];
    return [{ name, lagBytes, lagSeconds: most(ones.map((one) => one.lagSeconds)) }];
  });
  return { standbys, synchronous: followers.filter(isSynchronous).length };
}

function most(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
