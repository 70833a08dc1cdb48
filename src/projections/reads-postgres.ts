/** Reads orders and events from the SQL views, with connections and a deadline of their own. */
import type pg from 'pg';
import type { OrderStatus } from '../core/orders/lifecycle.ts';
import type { CorrelationId, OrderId, Position } from '../core/values/names.ts';
import { asFault } from '../database/outage.ts';
import { Fault } from '../faults/fault.ts';
import type { Arrivals } from './arrivals.ts';
import { isUuid, uuidFor } from './event-ids.ts';
import { storable } from './json-text.ts';
import type { EventRow, OrderFilter, OrderPage, OrderRow, Reads } from './reads.ts';
import {
  EVENT_COLUMNS,
  eventRowOf,
  ORDER_COLUMNS,
  orderRowOf,
  type SqlEvent,
  type SqlOrder,
} from './reads-postgres-rows.ts';

const PAGE_MAX = 1_000;
/** Rows of one trail or one look at the newest; an order has a handful, a conversation seldom more. */
const EVENTS_MAX = 10_000;

export class PostgresReads implements Reads {
  readonly #pool: pg.Pool;
  readonly #arrivals: Arrivals;

  /** `pool` should be small, with a statement timeout of a few seconds, and nobody else's. */
  constructor(pool: pg.Pool, arrivals: Arrivals) {
    this.#pool = pool;
    this.#arrivals = arrivals;
  }

  async reached(shard: string, position: Position, waitMs: number): Promise<boolean> {
    return await this.#arrivals.reached(shard, position, waitMs);
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async order(orderId: OrderId): Promise<OrderRow | undefined> {
    if (!isUuid(orderId)) return undefined;
    const sql = `select ${ORDER_COLUMNS} from orders where order_id = $1`;
    const [row] = await this.#query<SqlOrder>('order', sql, [orderId]);
    return row === undefined ? undefined : orderRowOf(row);
  }

  /** @throws Fault BODY_INVALID: no page gave this cursor; DATABASE_UNAVAILABLE */
  async orders(filter: OrderFilter): Promise<OrderPage> {
    const limit = Math.min(Math.max(Math.trunc(filter.limit), 1), PAGE_MAX);
    if (filter.cursor !== undefined && !isUuid(filter.cursor)) {
      throw new Fault('BODY_INVALID', 'cursor: not one that an earlier page gave');
    }
    const { where, values } = conditions(filter);
    const page = where.concat(filter.cursor === undefined ? [] : `order_id < $${values.length + 1}`);
    const [rows, totals] = await Promise.all([
      this.#query<SqlOrder>(
        undefined,
        `select ${ORDER_COLUMNS} from orders ${clause(page)} order by order_id desc limit ${limit + 1}`,
        filter.cursor === undefined ? values : [...values, filter.cursor],
      ),
      this.#query<{ n: bigint }>(
        undefined,
        `select coalesce(sum(n), 0)::bigint as n from order_counts ${clause(where)}`,
        values,
      ),
    ]);
    const orders = rows.slice(0, limit).map(orderRowOf);
    const next = rows.length > limit ? orders.at(-1)?.orderId : undefined;
    return { orders, total: Number(totals[0]?.n ?? 0n), next };
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async statusCounts(): Promise<ReadonlyMap<OrderStatus, number>> {
    const sql = 'select status, sum(n)::bigint as n from order_counts group by status having sum(n) <> 0';
    const rows = await this.#query<{ status: OrderStatus; n: bigint }>('status counts', sql, []);
    return new Map(rows.map(({ status, n }) => [status, Number(n)]));
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async eventCount(): Promise<number> {
    const sql = 'select coalesce(sum(event_rows), 0)::bigint as n from projection_positions';
    const [row] = await this.#query<{ n: bigint }>('event count', sql, []);
    return Number(row?.n ?? 0n);
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async latestEvents(limit: number): Promise<readonly EventRow[]> {
    const most = Math.min(Math.max(Math.trunc(limit), 0), EVENTS_MAX);
    const sql = `select ${EVENT_COLUMNS} from events order by event_id desc limit $1`;
    const rows = await this.#query<SqlEvent>('latest events', sql, [most]);
    return rows.reverse().map(eventRowOf);
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async eventsOfCorrelation(id: CorrelationId): Promise<readonly EventRow[]> {
    return await this.#trail('correlation_id', uuidFor(id));
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async eventsOfOrder(id: OrderId): Promise<readonly EventRow[]> {
    return isUuid(id) ? await this.#trail('order_id', id) : [];
  }

  async #trail(column: 'correlation_id' | 'order_id', id: string): Promise<readonly EventRow[]> {
    // Sorted in here: asked to sort, the server may walk all events by their key instead of looking up these few.
    const sql = `select ${EVENT_COLUMNS} from events where ${column} = $1 limit ${EVENTS_MAX}`;
    const rows = await this.#query<SqlEvent>(`events by ${column}`, sql, [id]);
    return rows.sort((a, b) => (a.event_id < b.event_id ? -1 : 1)).map(eventRowOf);
  }

  /** Named statements are parsed once a connection; `undefined` for those whose text varies. */
  async #query<Row extends pg.QueryResultRow>(
    name: string | undefined,
    text: string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    try {
      const query = { text, values: [...values] };
      return (await this.#pool.query<Row>(name === undefined ? query : { ...query, name })).rows;
    } catch (error) {
      throw asFault(error);
    }
  }
}

/** What both the orders and their counts are filtered by. */
function conditions({ user, ticker, statuses }: OrderFilter): { where: string[]; values: string[] } {
  const where: string[] = [];
  const values: string[] = [];
  if (user !== undefined) where.push(`user_id = $${values.push(storable(user))}`);
  if (ticker !== undefined) where.push(`symbol = $${values.push(storable(ticker))}`);
  if (statuses !== undefined) {
    // Written out, not passed: only then can the planner see that the index of working orders serves.
    const words = statuses.filter((status) => /^[A-Za-z]+$/.test(status)).map((status) => `'${status}'`);
    where.push(words.length === 0 ? 'false' : `status in (${words.join(', ')})`);
  }
  return { where, values };
}

const clause = (where: readonly string[]): string =>
  where.length === 0 ? '' : `where ${where.join(' and ')}`;
