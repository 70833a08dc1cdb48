/** How large a database is, by what the bytes are for: what the storage benchmark takes the difference of. */
import type { Pool } from 'pg';

/** Bytes of tables with their indexes, and how far the write-ahead log has come. */
export interface BytesOnDisk {
  /** The table `journal` alone: the truth. */
  readonly journal: number;
  /** `events` and `executions` with their partitions: what EVENTS_KEEP_DAYS lets go. */
  readonly passing: number;
  /** Orders, positions and what counts them: kept for ever. */
  readonly orders: number;
  /** Written to the write-ahead log so far, in all. */
  readonly log: number;
}

/** A partition counts as the table that it is a part of. */
const SIZES = `
  select coalesce(sum(size) filter (where root = 'journal'), 0)::float8 as journal,
         coalesce(sum(size) filter (where root = any($1)), 0)::float8 as passing,
         coalesce(sum(size) filter (where root = any($2)), 0)::float8 as orders,
         (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8 as log
    from (select coalesce(pg_partition_root(oid), oid)::regclass::text as root, pg_total_relation_size(oid) as size
            from pg_class
           where relkind = 'r' and relnamespace = current_schema()::regnamespace) as tables`;

const PASSING = ['events', 'executions'];
const ORDERS = ['orders', 'positions', 'order_counts'];

export async function bytesOnDisk(pool: Pool): Promise<BytesOnDisk> {
  const { rows } = await pool.query<BytesOnDisk>(SIZES, [PASSING, ORDERS]);
  const found = rows[0];
  if (found === undefined) throw new Error('the sizes were not told');
  return found;
}

/** What each grew by, for one of `orders`. */
export const growthAnOrder = (before: BytesOnDisk, after: BytesOnDisk, orders: number): BytesOnDisk => ({
  journal: (after.journal - before.journal) / orders,
  passing: (after.passing - before.passing) / orders,
  orders: (after.orders - before.orders) / orders,
  log: (after.log - before.log) / orders,
});
