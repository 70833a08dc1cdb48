/** Reads orders and events from the SQL views, with connections and a deadline of their own. */
import type pg from 'pg';
import type { OrderStatus } from '../core/orders/lifecycle.ts';
import type { CorrelationId, OrderId, Position } from '../core/values/names.ts';
import { asFault } from '../database/outage.ts';
import { Fault } from '../faults/fault.ts';
import type { Arrivals } from './arrivals.ts';
import { isUuid, uuidFor } from './event-ids.ts';
import { storable } from './json-text.ts';
import type { EventRow, OrderFilter, OrderPage, OrderRow, Positions, Reads } from './reads.ts';
import {
  EVENT_COLUMNS,
  eventRowOf,
  ORDER_COLUMNS,
  orderRowOf,
  type SqlEvent,
  type SqlOrder,
} from './reads-postgres-rows.ts';
import type { Replica } from './replica-postgres.ts';

/** A statement; without a name where its text varies. */
interface Question {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /** It may be asked of a copy that holds as much. */
  readonly atLeast?: Positions | undefined;
}

const PAGE_MAX = 1_000;
/** Rows of one trail or one look at the newest; an order has a handful, a conversation seldom more. */
const EVENTS_MAX = 10_000;

export class PostgresReads implements Reads {
  readonly #pool: pg.Pool;
  readonly #arrivals: Arrivals;
  readonly #replica: Replica | undefined;

  /**
   * `pool` should be small, with a statement timeout of a few seconds, and nobody else's. `replica`: a standby for
   * reads that may lag.
   */
  constructor(pool: pg.Pool, arrivals: Arrivals, replica?: Replica) {
    this.#pool = pool;
    this.#arrivals = arrivals;
    this.#replica = replica;
  }

  async reached(shard: string, position: Position, waitMs: number): Promise<boolean> {
    return await this.#arrivals.reached(shard, position, waitMs);
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async order(orderId: OrderId): Promise<OrderRow | undefined> {
    if (!isUuid(orderId)) return undefined;
    const sql = `select ${ORDER_COLUMNS} from orders where order_id = $1`;
    const [row] = await this.#query<SqlOrder>({ name: 'order', text: sql, values: [orderId] });
    return row === undefined ? undefined : orderRowOf(row);
  }

  /** @throws Fault BODY_INVALID: no page gave this cursor; DATABASE_UNAVAILABLE */
  async orders(filter: OrderFilter, atLeast?: Positions): Promise<OrderPage> {
    const limit = Math.min(Math.max(Math.trunc(filter.limit), 1), PAGE_MAX);
    if (filter.cursor !== undefined && !isUuid(filter.cursor)) {
      throw new Fault('BODY_INVALID', 'cursor: not one that an earlier page gave');
    }
    const { where, values } = conditions(filter);
    const page = where.concat(filter.cursor === undefined ? [] : `order_id < $${values.length + 1}`);
    const [rows, totals] = await Promise.all([
      this.#query<SqlOrder>({
        text: `select ${ORDER_COLUMNS} from orders ${clause(page)} order by order_id desc limit ${limit + 1}`,
        values: filter.cursor === undefined ? values : [...values, filter.cursor],
        atLeast,
      }),
      this.#query<{ n: bigint }>({
        text: `select coalesce(sum(n), 0)::bigint as n from order_counts ${clause(where)}`,
        values,
        atLeast,
      }),
    ]);
    const orders = rows.slice(0, limit).map(orderRowOf);
    const next = rows.length > limit ? orders.at(-1)?.orderId : undefined;
    return { orders, total: Number(totals[0]?.n ?? 0n), next };
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async statusCounts(atLeast?: Positions): Promise<ReadonlyMap<OrderStatus, number>> {
    const sql = 'select status, sum(n)::bigint as n from order_counts group by status having sum(n) <> 0';
    const rows = await this.#query<{ status: OrderStatus; n: bigint }>({
      name: 'status counts',
      text: sql,
      values: [],
      atLeast,
    });
    return new Map(rows.map(({ status, n }) => [status, Number(n)]));
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async eventCount(atLeast?: Positions): Promise<number> {
    const sql = 'select coalesce(sum(event_rows), 0)::bigint as n from projection_positions';
    const [row] = await this.#query<{ n: bigint }>({ name: 'event count', text: sql, values: [], atLeast });
    return Number(row?.n ?? 0n);
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async latestEvents(limit: number, atLeast?: Positions): Promise<readonly EventRow[]> {
    const most = Math.min(Math.max(Math.trunc(limit), 0), EVENTS_MAX);
    const sql = `select ${EVENT_COLUMNS} from events order by event_id desc limit $1`;
    const rows = await this.#query<SqlEvent>({ name: 'latest events', text: sql, values: [most], atLeast });
    return rows.reverse().map(eventRowOf);
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async eventsOfCorrelation(id: CorrelationId, atLeast?: Positions): Promise<readonly EventRow[]> {
    return await this.#trail('correlation_id', uuidFor(id), atLeast);
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async eventsOfOrder(id: OrderId, atLeast?: Positions): Promise<readonly EventRow[]> {
    return isUuid(id) ? await this.#trail('order_id', id, atLeast) : [];
  }

  async #trail(
    column: 'correlation_id' | 'order_id',
    id: string,
    atLeast: Positions | undefined,
  ): Promise<readonly EventRow[]> {
    // Sorted in here: asked to sort, the server may walk all events by their key instead of looking up these few.
    const sql = `select ${EVENT_COLUMNS} from events where ${column} = $1 limit ${EVENTS_MAX}`;
    const rows = await this.#query<SqlEvent>({
      name: `events by ${column}`,
      text: sql,
      values: [id],
      atLeast,
    });
    return rows.sort((a, b) => (a.event_id < b.event_id ? -1 : 1)).map(eventRowOf);
  }

  async #query<Row extends pg.QueryResultRow>(question: Question): Promise<Row[]> {
    const { atLeast } = question;
    const near =
      atLeast === undefined
        ? undefined
        : await this.#replica?.read(atLeast, (client) => ask<Row>(client, question));
    return near ?? (await ask<Row>(this.#pool, question));
  }
}

/** Named statements are parsed once a connection. */
async function ask<Row extends pg.QueryResultRow>(
  connection: pg.Pool | pg.ClientBase,
  { name, text, values }: Question,
): Promise<Row[]> {
  try {
    const query = { text, values: [...values] };
    return (await connection.query<Row>(name === undefined ? query : { ...query, name })).rows;
  } catch (error) {
    throw asFault(error);
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
