/** Everything the server says of the day when it is over, read over HTTP like everything else. */
import { type Amount, amountOf } from './amounts.ts';
import type { ApiClient } from './api-client.ts';

export interface BookedOrder {
  readonly orderId: string;
  readonly user: string;
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly quantity: Amount;
  readonly price: Amount | undefined;
  readonly clientOrderId: string | undefined;
  readonly strategy: string;
  readonly status: string;
  readonly executed: Amount;
}

export interface Fill {
  readonly orderId: string;
  readonly executionId: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: Amount;
  readonly price: Amount;
  /** By the server's clock, ms since 1970. */
  readonly atMs: number;
}

export interface BookedPosition {
  readonly symbol: string;
  readonly quantity: Amount;
  readonly averagePrice: Amount | undefined;
  readonly marketValue: Amount;
  readonly unrealised: Amount;
  readonly realised: Amount;
}

export interface Books {
  /** Order ids as the list gives them, page after page: a doubled one would be in it twice. */
  readonly listed: readonly string[];
  readonly orders: readonly BookedOrder[];
  readonly fills: readonly Fill[];
  readonly positions: readonly BookedPosition[];
  /** Of everything ever closed, also of what is flat now. */
  readonly realised: Amount;
}

type Row = Readonly<Record<string, unknown>>;
const FILL_EVENTS = ['ORDER_PARTIALLY_EXECUTED', 'EXECUTION_COMPLETED'];

/** Reads the books as compliance may: all orders, and the trail of each that was filled. */
export async function readBooks(auditor: ApiClient): Promise<Books> {
  const listed = await listOrders(auditor);
  const orders = await each(listed, async (id) => orderOf(await auditor.get(`/api/v1/orders/${id}`)));
  const filled = orders.filter(({ executed }) => executed > 0n);
  const fills = (await each(filled, (order) => fillsOf(auditor, order))).flat();
  const held = await auditor.get('/api/v1/risk/positions');
  return {
    listed,
    orders,
    fills,
    positions: rowsOf(held.positions).map(positionOf),
    realised: amountOf(held.realized_pnl),
  };
}

async function listOrders(client: ApiClient): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const page = await client.get(`/api/v1/orders?limit=1000${cursor}`);
    ids.push(...rowsOf(page.orders).map((row) => String(row.order_id)));
    if (typeof page.next_cursor !== 'string') return ids;
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
}

const rowsOf = (value: unknown): readonly Row[] => value as readonly Row[];
const optional = (value: unknown): Amount | undefined => (value === null ? undefined : amountOf(value));

const orderOf = (row: Row): BookedOrder => ({
  orderId: String(row.order_id),
  user: String(row.user_id),
  symbol: String(row.symbol),
  side: String(row.side),
  type: String(row.type),
  quantity: amountOf(row.quantity),
  price: optional(row.price),
  clientOrderId: typeof row.client_order_id === 'string' ? row.client_order_id : undefined,
  strategy: String(row.strategy),
  status: String(row.status),
  executed: amountOf(row.executed_quantity),
});

const positionOf = (row: Row): BookedPosition => ({
  symbol: String(row.symbol),
  quantity: amountOf(row.quantity),
  averagePrice: optional(row.average_price),
  marketValue: amountOf(row.market_value),
  unrealised: amountOf(row.unrealized_pnl),
  realised: amountOf(row.realized_pnl),
});

async function fillsOf(auditor: ApiClient, order: BookedOrder): Promise<readonly Fill[]> {
  const trail = await auditor.get(`/api/v1/audit/order/${order.orderId}/trail`);
  return rowsOf(trail.events)
    .filter((event) => FILL_EVENTS.includes(String(event.event_type)))
    .map((event) => {
      const payload = event.payload as Row;
      return {
        orderId: order.orderId,
        executionId: String(payload.execution_id),
        symbol: order.symbol,
        side: order.side,
        quantity: amountOf(payload.quantity),
        price: amountOf(payload.price),
        atMs: Date.parse(String(event.timestamp)),
      };
    });
}

const AT_ONCE = 16;

/** `ask` of every item, a few at once, in the order of the items. */
async function each<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<readonly R[]> {
  const answers: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    answers.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(ask))));
  }
  return answers;
}
