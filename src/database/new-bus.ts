/** Leaves a deployment's command bus for good, lost or emptied as it is: the next one is read from its beginning. */
import type pg from 'pg';
import { hasTable } from './has-table.ts';
import { asFault } from './outage.ts';

/** Instead of a cluster, until a node has joined the next bus: no cluster is called so, and an older program refuses it. */
export const NOT_YET = '(a new one: see itirp new-bus)';

export interface Leaving {
  /** Who says so, for the record. */
  readonly by: string;
  readonly reason: string;
}

export interface LeftBus {
  /** Of the bus that comes after it. */
  readonly number: number;
  /** The cluster's id, and the prefix of its topics where there is one. */
  readonly bus: string;
  /** How far each shard had taken it in. */
  readonly marks: Readonly<Record<string, { readonly source: string; readonly offset: number }>>;
  /** It was left earlier, and no node has started since. */
  readonly wasLeft: boolean;
}

/** With how far each shard had taken it in: the marks of the journal's own rows stay where they are. */
const LEAVE = `
  insert into left_buses (number, bus, marks, left_by, reason)
  select coalesce((select max(number) from left_buses), 0) + 1, $1, coalesce((
      select jsonb_object_agg(shard, jsonb_build_object('source', source, 'offset', source_offset))
      from shards where source is not null
    ), '{}'), $2, $3`;
const NEWEST = 'select number, bus, marks from left_buses order by number desc limit 1';
/** A new cluster has none of the news, nor the newest of each position: all is told once more, with the same ids. */
const TELL_AGAIN = 'delete from publisher_positions; delete from publisher_checkpoints';

/**
 * Undefined: the database knows of no bus. Nobody else may use the database meanwhile. Nothing in the journal changes.
 * @throws Fault DATABASE_UNAVAILABLE
 */
export async function leaveBus(pool: pg.Pool, { by, reason }: Leaving): Promise<LeftBus | undefined> {
  const client = await pool.connect().catch(rethrow);
  try {
    await client.query('begin');
    const ask = 'select cluster from deployment for update';
    const { rows } = await client.query<{ cluster: string | null }>(ask);
    const cluster = rows[0]?.cluster ?? undefined;
    const wasLeft = cluster === NOT_YET;
    if (cluster !== undefined && !wasLeft) {
      await client.query(LEAVE, [cluster, by, reason]);
      await client.query('update deployment set cluster = $1', [NOT_YET]);
      await client.query(TELL_AGAIN);
    }
    const newest = await client.query<Omit<LeftBus, 'wasLeft'>>(NEWEST);
    await client.query('commit');
    client.release();
    const [left] = newest.rows;
    return cluster === undefined || left === undefined ? undefined : { ...left, wasLeft };
  } catch (error) {
    client.release(true); // and with it goes the transaction
    throw asFault(error);
  }
}

/**
 * Which bus of the deployment its nodes speak over: 0 is the first, as in a database whose schema is older than the buses
 * that were left. @throws Fault DATABASE_UNAVAILABLE
 */
export async function busNumber(pool: pg.Pool): Promise<number> {
  try {
    if (!(await hasTable(pool, 'left_buses'))) return 0;
    const ask = 'select coalesce(max(number), 0) as number from left_buses';
    const { rows } = await pool.query<{ number: number }>(ask);
    return rows[0]?.number ?? 0;
  } catch (error) {
    throw asFault(error);
  }
}

function rethrow(error: unknown): never {
  throw asFault(error);
}
