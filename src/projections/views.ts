/** What a projector needs to know of the views before it goes on with them. */
import type pg from 'pg';
import { isFinished, type OrderStatus } from '../core/orders/lifecycle.ts';
import type { Side } from '../core/orders/order.ts';
import type { Product, Quantity } from '../core/values/fixed-point.ts';
import { PLACES } from '../core/values/fixed-point.ts';
import type {
  AccountId,
  CorrelationId,
  Micros,
  OrderId,
  Position,
  Ticker,
  UserId,
} from '../core/values/names.ts';
import { PRODUCT_PLACES, parseDecimal } from '../protocol/decimal-text.ts';
import type { Flight, PositionRecord } from './rows.ts';

/** The name the SQL views go by among the readers of the journal. */
export const PROJECTION = 'sql';

/**
 * A connection for a while, which may break at any moment: whoever uses it next is told. (One that is lent out and
 * breaks between two statements would otherwise end the process.)
 */
export async function lend(pool: pg.Pool): Promise<pg.PoolClient> {
  const client = await pool.connect();
  if (client.listenerCount('error', ignore) === 0) client.on('error', ignore);
  return client;
}

const ignore = (): void => {};

/** Where the views stand, as their own table says. */
export interface Mark {
  readonly position: Position;
  /** Raised when a rebuild was swapped in: what was read from the views before is void. */
  readonly generation: number;
}

export const isSame = (one: Mark, other: Mark): boolean =>
  one.position === other.position && one.generation === other.generation;

/** The shard's mark; the shard that has none yet is entered at 0. */
export async function readMark(client: pg.ClientBase, shard: string): Promise<Mark> {
  await client.query(
    'insert into projection_positions (name, shard, position) values ($1, $2, 0) on conflict do nothing',
    [PROJECTION, shard],
  );
  const found = await client.query<{ position: bigint; generation: number }>(
    'select position, generation from projection_positions where name = $1 and shard = $2',
    [PROJECTION, shard],
  );
  const row = found.rows[0];
  return { position: Number(row?.position ?? 0n) as Position, generation: row?.generation ?? 0 };
}

interface PositionRow {
  readonly account: AccountId;
  readonly symbol: Ticker;
  readonly quantity: string;
  readonly cost: string;
  readonly realised: string;
  readonly at: bigint;
}

/** Every position of the shard: as many as accounts times instruments. */
export async function readPositions(
  client: pg.ClientBase,
  shard: string,
): Promise<readonly PositionRecord[]> {
  const sql = `
    select account, symbol, quantity, cost, realised, (extract(epoch from updated_at) * 1000000)::bigint as at
    from positions where shard = $1`;
  const found = await client.query<PositionRow>(sql, [shard]);
  return found.rows.map((row) => ({
    account: row.account,
    ticker: row.symbol,
    holding: {
      units: parseDecimal(row.quantity, PLACES),
      cost: parseDecimal(row.cost, PRODUCT_PLACES) as Product,
      realised: parseDecimal(row.realised, PRODUCT_PLACES) as Product,
    },
    at: Number(row.at) as Micros,
  }));
}

interface FlightRow {
  readonly order_id: OrderId;
  readonly correlation_id: CorrelationId;
  readonly user_id: UserId;
  readonly account: AccountId;
  readonly symbol: Ticker;
  readonly side: Side;
  readonly quantity: string;
  readonly status: OrderStatus;
  readonly executed_quantity: string;
  readonly executed_value: string;
  readonly rejection_reason: string | null;
  readonly started: bigint | null;
  readonly updated: bigint;
}

/** Those of the orders that are not finished. */
export async function readFlights(
  client: pg.ClientBase,
  ids: readonly OrderId[],
): Promise<readonly Flight[]> {
  const found = await client.query<FlightRow>(
    `select order_id, correlation_id, user_id, account, symbol, side, quantity, status, executed_quantity,
            executed_value, rejection_reason, (extract(epoch from started_at) * 1000000)::bigint as started,
            (extract(epoch from updated_at) * 1000000)::bigint as updated
     from orders where order_id = any($1::uuid[])`,
    [ids],
  );
  return found.rows.filter(({ status }) => !isFinished(status)).map(flightOf);
}

const flightOf = (row: FlightRow): Flight => ({
  orderId: row.order_id,
  correlationId: row.correlation_id,
  user: row.user_id,
  account: row.account,
  ticker: row.symbol,
  side: row.side,
  quantity: parseDecimal(row.quantity, PLACES) as Quantity,
  status: row.status,
  filled: parseDecimal(row.executed_quantity, PLACES) as Quantity,
  filledProduct: parseDecimal(row.executed_value, PRODUCT_PLACES) as Product,
  startedAt: row.started === null ? undefined : (Number(row.started) as Micros),
  rejectionReason: row.rejection_reason ?? undefined,
  updatedAt: Number(row.updated) as Micros,
});
