/**
 * The second baseline, as one would write it in an afternoon: the same route, one transaction for each order, and in
 * it one row for each event of the guide's chain, in the guide's table with its indexes. It is durable; it checks no
 * risk, keeps no position and sends nothing to a venue.
 */
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { serve } from '../run/child.ts';
import { bareDoor, type PlacedOrder } from './bare-door.ts';

/** More did not make it faster. */
const CONNECTIONS = 20;
const CHAIN = [
  'ORDER_CREATED',
  'RISK_CHECK_STARTED',
  'RISK_CHECK_PASSED',
  'EXECUTION_STARTED',
  'EXECUTION_COMPLETED',
];
const TABLE = `
  create table if not exists naive_events (
    event_id uuid primary key, event_type text not null, correlation_id uuid not null, order_id uuid,
    "timestamp" timestamptz not null, payload jsonb not null, user_id text not null,
    created_at timestamptz not null default now()
  );
  create index if not exists naive_by_correlation on naive_events (correlation_id);
  create index if not exists naive_by_order on naive_events (order_id);
  create index if not exists naive_by_time on naive_events ("timestamp");
  create index if not exists naive_by_type on naive_events (event_type);`;
const INSERT = `
  insert into naive_events (event_id, event_type, correlation_id, order_id, "timestamp", payload, user_id)
  values ($1, $2, $3, $4, now(), $5, $6)`;

const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL, max: CONNECTIONS });

async function place({ orderId, correlationId, user, body }: PlacedOrder): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    for (const type of CHAIN) {
      await client.query(INSERT, [uuidv7(), type, correlationId, orderId, JSON.stringify(body), user]);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

const app = bareDoor(process.env.SECRET_KEY ?? '', place);

async function start(): Promise<string> {
  await pool.query(TABLE);
  return await app.listen({ host: '127.0.0.1', port: 0 });
}

serve({ start }, async () => {
  await app.close();
  await pool.end();
});
