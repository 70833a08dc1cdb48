/** Writes a stretch of the journal into the views: one transaction, in bulk, with the position it leads to. */
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { averageOf } from '../core/positions/holding.ts';
import { formatFixed } from '../core/values/fixed-point.ts';
import type { AccountId } from '../core/values/names.ts';
import { formatProduct } from '../protocol/decimal-text.ts';
import { wireTime } from '../protocol/times.ts';
import {
  EVENTS_COPY,
  EXECUTIONS_COPY,
  eventLine,
  executedPriceOf,
  executionLine,
  ORDERS_COPY,
  orderLine,
} from './copy-text.ts';
import { uuidFor } from './event-ids.ts';
import { storable } from './json-text.ts';
import type { Changes, CountChange, Flight, PositionRecord } from './rows.ts';
import { type Mark, PROJECTION } from './views.ts';

/** A statement with its values, or rows to copy. */
export type Step = { readonly sql: string } & (
  | { readonly values: readonly unknown[] }
  | { readonly text: string }
);

/**
 * All that `changes` writes, as text and arrays. Done at once, before the fold goes on.
 * `order_counts` is last and in the order of its key: it is the only table that several shards write to.
 */
export function prepare(shard: string, changes: Changes): readonly Step[] {
  const { events, created, updated, executions, positions, counts, accounts } = changes;
  const steps: Step[] = [];
  const orderText = created.map((row) => orderLine(row, uuidFor(row.order.correlationId)));
  if (events.length > 0) steps.push({ sql: EVENTS_COPY, text: events.map(eventLine).join('') });
  if (created.length > 0) steps.push({ sql: ORDERS_COPY, text: orderText.join('') });
  if (updated.length > 0) steps.push(ordersUpdate(updated));
  if (executions.length > 0)
    steps.push({ sql: EXECUTIONS_COPY, text: executions.map(executionLine).join('') });
  if (positions.length > 0) steps.push(positionsUpsert(shard, positions));
  if (accounts.length > 0) steps.push(accountsInsert(shard, accounts));
  if (counts.length > 0) steps.push(countsUpsert(counts));
  return steps;
}

/**
 * Commits `steps` and the position they lead to, all or nothing. Resolves false, with nothing written, when the views
 * no longer stand at `before`: another projector went on, or a rebuild was swapped in.
 *
 * The commit does not wait for the disk: position and rows go or stay together, and the journal tells them again.
 */
export async function commit(
  client: pg.ClientBase,
  shard: string,
  before: Mark,
  changes: Changes,
  steps: readonly Step[],
): Promise<boolean> {
  await client.query('begin; set local synchronous_commit = off');
  const fence = [
    PROJECTION,
    shard,
    before.position,
    before.generation,
    changes.position,
    changes.events.length,
  ];
  const moved = await client.query(FENCE, fence);
  if (moved.rowCount !== 1) {
    await client.query('rollback');
    return false;
  }
  for (const step of steps) {
    if ('values' in step) await client.query(step.sql, [...step.values]);
    else await copy(client, step.sql, step.text);
  }
  await client.query('commit');
  return true;
}

const FENCE = `
  update projection_positions set position = $5, event_rows = event_rows + $6
  where name = $1 and shard = $2 and position = $3 and generation = $4`;

async function copy(client: pg.ClientBase, sql: string, text: string): Promise<void> {
  const stream = client.query(copyFrom(sql));
  stream.end(text);
  await finished(stream);
}

function ordersUpdate(flights: readonly Readonly<Flight>[]): Step {
  const sql = `
    update orders o
    set status = u.status, executed_quantity = u.executed_quantity, executed_price = u.executed_price,
        executed_value = u.executed_value, rejection_reason = u.rejection_reason,
        started_at = u.started_at, updated_at = u.updated_at
    from unnest($1::uuid[], $2::varchar[], $3::numeric[], $4::numeric[], $5::numeric[], $6::varchar[],
                $7::timestamptz[], $8::timestamptz[])
      as u(order_id, status, executed_quantity, executed_price, executed_value, rejection_reason,
           started_at, updated_at)
    where o.order_id = u.order_id`;
  const values = [
    flights.map(({ orderId }) => orderId),
    flights.map(({ status }) => status),
    flights.map(({ filled }) => formatFixed(filled)),
    flights.map((flight) => formatOr(executedPriceOf(flight))),
    flights.map(({ filledProduct }) => formatProduct(filledProduct)),
    flights.map(({ rejectionReason }) => (rejectionReason === undefined ? null : storable(rejectionReason))),
    flights.map(({ startedAt }) => (startedAt === undefined ? null : wireTime(startedAt))),
    flights.map(({ updatedAt }) => wireTime(updatedAt)),
  ];
  return { sql, values };
}

function positionsUpsert(shard: string, positions: readonly PositionRecord[]): Step {
  const sql = `
    insert into positions (account, symbol, quantity, average_price, cost, realised, updated_at, shard)
    select u.*, $8 from unnest($1::varchar[], $2::varchar[], $3::numeric[], $4::numeric[], $5::numeric[],
                               $6::numeric[], $7::timestamptz[]) as u
    on conflict (shard, account, symbol) do update
    set quantity = excluded.quantity, average_price = excluded.average_price, cost = excluded.cost,
        realised = excluded.realised, updated_at = excluded.updated_at`;
  const values = [
    positions.map(({ account }) => storable(account)),
    positions.map(({ ticker }) => storable(ticker)),
    positions.map(({ holding }) => formatFixed(holding.units)),
    positions.map(({ holding }) => formatOr(averageOf(holding))),
    positions.map(({ holding }) => formatProduct(holding.cost)),
    positions.map(({ holding }) => formatProduct(holding.realised)),
    positions.map(({ at }) => wireTime(at)),
    shard,
  ];
  return { sql, values };
}

/** Where one engine serves all, nobody asks which shard an account is of: it is kept for the day there are more. */
function accountsInsert(shard: string, accounts: readonly AccountId[]): Step {
  const sql = `
    insert into shard_assignments (account, shard)
    select u.account, $2 from unnest($1::varchar[]) as u(account) order by 1 on conflict do nothing`;
  return { sql, values: [accounts.map(storable), shard] };
}

function countsUpsert(counts: readonly CountChange[]): Step {
  const sql = `
    insert into order_counts as c (user_id, symbol, status, n)
    select * from unnest($1::varchar[], $2::varchar[], $3::varchar[], $4::bigint[]) as u(user_id, symbol, status, n)
    order by 1, 2, 3
    on conflict (user_id, symbol, status) do update set n = c.n + excluded.n`;
  const values = [
    counts.map(({ user }) => storable(user)),
    counts.map(({ ticker }) => storable(ticker)),
    counts.map(({ status }) => status),
    counts.map(({ n }) => n),
  ];
  return { sql, values };
}

const formatOr = (value: bigint | undefined): string | null =>
  value === undefined ? null : formatFixed(value);
