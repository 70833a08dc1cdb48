/** Gathers the checker's evidence from PostgreSQL, in one snapshot where the views have caught up with the journal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Micros, Position } from '../../../src/core/values/names.ts';
import { openPool, type PoolOptions } from '../../../src/database/pool.ts';
import { decodeBatch } from '../../../src/journal/codec.ts';
import type { Head, SealedBatch } from '../../../src/journal/journal.ts';
import { PostgresJournal } from '../../../src/journal/postgres.ts';
import { verify } from '../../../src/journal/verifier.ts';
import { rebuild } from '../../../src/projections/rebuild.ts';
import { PROJECTION } from '../../../src/projections/views.ts';
import type { Call } from '../history/record.ts';
import type {
  Evidence,
  ExecutionRow,
  OrderRow,
  PositionRow,
  RebuiltTable,
  ShardJournal,
} from './evidence.ts';

export interface GatherOptions {
  readonly url: string;
  /** Every shard of the deployment. */
  readonly shards: readonly string[];
  readonly calls: readonly Call[];
  /** Build the views anew beside the live ones and compare: dear, and worth it at the end. */
  readonly rebuilds: boolean;
}

/** The longest that the views may take to catch up once nobody trades, in milliseconds. */
const CATCH_UP_MS_MAX = 60_000;

/** @throws Error when the views do not catch up */
export async function gather(options: GatherOptions): Promise<Evidence> {
  const { url, shards, calls, rebuilds } = options;
  const pool = openPool(url, { connectionsMax: 6, statementTimeoutMs: 0, applicationName: 'itirp checker' });
  try {
    const seen = await lookWhenCaughtUp(pool, shards);
    const rebuilt = rebuilds ? await rebuiltBeside(pool, url, shards) : [];
    return { calls, shards: seen.shards, views: { ...seen.views, rebuilt } };
  } finally {
    await pool.end();
  }
}

type Look = Pick<Evidence, 'shards'> & { readonly views: Omit<Evidence['views'], 'rebuilt'> };

async function lookWhenCaughtUp(pool: pg.Pool, shards: readonly string[]): Promise<Look> {
  const deadline = performance.now() + CATCH_UP_MS_MAX;
  for (;;) {
    const client = await pool.connect();
    try {
      await client.query('begin isolation level repeatable read read only');
      const behind = await lagsOf(client, shards);
      if (behind.length === 0) return await look(client, shards);
      if (performance.now() > deadline) throw new Error(`the views do not catch up: ${behind.join(', ')}`);
    } finally {
      await client.query('rollback');
      client.release();
    }
    await sleep(100);
  }
}

interface HeadRow {
  readonly shard: string;
  readonly head_position: bigint;
  readonly head_hash: Buffer | null;
  readonly folded: bigint | null;
}

const HEADS = `
  select s.shard, s.head_position, s.head_hash, p.position as folded
  from shards s left join projection_positions p on p.shard = s.shard and p.name = '${PROJECTION}'
  where s.shard = any($1)`;

/** In words, each shard whose views are behind its journal. */
async function lagsOf(client: pg.ClientBase, shards: readonly string[]): Promise<readonly string[]> {
  const { rows } = await client.query<HeadRow>(HEADS, [shards]);
  return shards.flatMap((shard) => {
    const row = rows.find((one) => one.shard === shard);
    if (row === undefined) return [`${shard} has no journal`];
    return row.folded === row.head_position ? [] : [`${shard} at ${row.folded} of ${row.head_position}`];
  });
}

async function look(client: pg.ClientBase, shards: readonly string[]): Promise<Look> {
  const all = async <Row extends pg.QueryResultRow>(query: string): Promise<readonly Row[]> =>
    (await client.query<Row>(query)).rows;
  const { rows: heads } = await client.query<HeadRow>(HEADS, [shards]);
  const journals: ShardJournal[] = [];
  for (const { shard, head_position, head_hash } of heads) {
    const head: Head = { position: Number(head_position) as Position, hash: head_hash ?? undefined };
    journals.push(await journalOf(client, shard, head));
  }
  return {
    shards: journals,
    views: {
      orders: await all<OrderRow & pg.QueryResultRow>(
        'select order_id, user_id, client_order_id, status, quantity, executed_quantity from orders',
      ),
      executions: await all<ExecutionRow & pg.QueryResultRow>(
        'select execution_id, order_id, account, symbol, side, quantity, price from executions',
      ),
      positions: await all<PositionRow & pg.QueryResultRow>(
        'select shard, account, symbol, quantity from positions',
      ),
    },
  };
}

interface JournalRow {
  readonly first_position: bigint;
  readonly count: number;
  readonly epoch: bigint;
  readonly recorded_at: bigint;
  readonly previous_hash: Buffer | null;
  readonly hash: Buffer;
  readonly body: Buffer;
  readonly source: string | null;
  readonly source_offset: bigint | null;
}

async function journalOf(client: pg.ClientBase, shard: string, head: Head): Promise<ShardJournal> {
  const found = await client.query<JournalRow>(
    `select first_position, count, epoch, recorded_at, previous_hash, hash, body, source, source_offset
     from journal where shard = $1 order by first_position`,
    [shard],
  );
  const rows = found.rows.map((row): SealedBatch => sealedOf(shard, row));
  const read = async function* (after: Position) {
    yield* rows.filter(({ firstPosition, count }) => firstPosition + count - 1 > after);
  };
  const chain = await verify({ read, head: () => Promise.resolve(head) });
  return { shard, rows, batches: rows.map(decodeBatch), head, chain };
}

const sealedOf = (shard: string, row: JournalRow): SealedBatch => ({
  shard,
  firstPosition: Number(row.first_position) as Position,
  count: row.count,
  epoch: Number(row.epoch),
  recordedAt: Number(row.recorded_at) as Micros,
  previousHash: row.previous_hash ?? undefined,
  hash: row.hash,
  body: row.body,
  source:
    row.source === null || row.source_offset === null
      ? undefined
      : { source: row.source, offset: row.source_offset },
});

async function rebuiltBeside(
  pool: pg.Pool,
  url: string,
  shards: readonly string[],
): Promise<readonly RebuiltTable[]> {
  const pools: pg.Pool[] = [];
  const lend = (wishes?: PoolOptions): pg.Pool => {
    const made = openPool(url, wishes);
    pools.push(made);
    return made;
  };
  const sources = shards.map((shard) => ({
    shard,
    journal: new PostgresJournal({ url, pool: lend }, shard),
  }));
  try {
    const { tables } = await rebuild({ url, pool, sources, apply: false });
    return tables;
  } finally {
    await Promise.all(pools.map((made) => made.end()));
  }
}
