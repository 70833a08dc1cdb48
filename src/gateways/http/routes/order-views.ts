/** Orders as they stand: one, or a page of them. */
import type { FastifyInstance } from 'fastify';
import type { UserId } from '../../../core/values/names.ts';
import { Fault } from '../../../faults/fault.ts';
import type { OrderFilter, OrderRow } from '../../../projections/reads.ts';
import { exactJson } from '../../../protocol/exact-json.ts';
import { FieldFault } from '../../../protocol/field-fault.ts';
import { OrderPath, OrderQuery, PAGE_MAX } from '../../../protocol/schemas/orders.ts';
import { inDoubt, problems, refTo } from '../../../protocol/schemas/vocabulary.ts';
import { statusesOf, wordOf } from '../../../protocol/statuses.ts';
import { wireTime } from '../../../protocol/times.ts';
import type { HttpDeps } from '../deps.ts';
import type { Freshness } from '../freshness.ts';
import { pendingAnswer, unknownOrder } from '../in-doubt.ts';
import { tickerOf } from '../place-order.ts';
import { nowMicros, orderIdOf, principalOf } from '../requests.ts';

const tags = ['orders'];

const LOOK_PENDING = 'Sent, and not taken in yet as far as is known: look again';

export function orderViewRoutes(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  routeOne(app, deps, freshness);
  routeList(app, deps, freshness);
}

function routeOne(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  const schema = {
    tags,
    summary: 'One order as it stands',
    params: OrderPath,
    response: {
      200: refTo('OrderDetail'),
      ...inDoubt('PendingAnswer'),
      ...problems(401, 403, 404, 429, 503),
    },
  };
  app.get<{ Params: OrderPath }>(
    '/api/v1/orders/:order_id',
    { schema, config: { access: 'ReadOwnOrders' } },
    async (request, reply) => {
      const orderId = orderIdOf(request.params);
      const { user, permissions } = principalOf(request);
      const isVisible = (order: { readonly user: UserId }) =>
        permissions.has('ReadAllOrders') || order.user === user;
      await freshness.settle(user);
      const row = await deps.reads.order(orderId);
      if (row !== undefined && isVisible(row)) return wireOrder(row);
      if (row !== undefined) throw new Fault('ORDER_UNKNOWN', orderId);
      const holder = await deps.firm.holderOf(orderId);
      if (holder === undefined) throw unknownOrder(deps.firm, orderId);
      const isPending = (holder.pendingUntil ?? 0) > nowMicros();
      if (!isPending || !isVisible(holder)) throw new Fault('ORDER_UNKNOWN', orderId);
      reply.code(202);
      return pendingAnswer(orderId, request.id, LOOK_PENDING);
    },
  );
}

function routeList(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  const schema = {
    tags,
    summary: 'Orders, newest first',
    querystring: OrderQuery,
    response: { 200: refTo('OrderList'), ...problems(401, 403, 422, 429, 503) },
  };
  app.get<{ Querystring: OrderQuery }>(
    '/api/v1/orders',
    { schema, config: { access: 'ReadOwnOrders' } },
    async (request) => {
      const { user, permissions } = principalOf(request);
      const filter = filterOf(request.query, permissions.has('ReadAllOrders') ? undefined : user);
      if (filter.statuses?.length === 0) return { orders: [], total: 0, next_cursor: null };
      const atLeast = await freshness.settle(user);
      const { orders, total, next } = await deps.reads.orders(filter, atLeast).catch(nameTheCursor);
      return { orders: orders.map(wireSummary), total, next_cursor: next ?? null };
    },
  );
}

/** The one thing in a filter that only the read model can judge. */
function nameTheCursor(error: unknown): never {
  const isCursor = error instanceof Fault && error.code === 'BODY_INVALID';
  throw isCursor
    ? new FieldFault([{ field: 'cursor', message: 'is not one that an earlier page gave' }])
    : error;
}

const filterOf = (query: OrderQuery, user: UserId | undefined): OrderFilter => ({
  user,
  ticker: query.symbol === undefined ? undefined : tickerOf(query.symbol),
  statuses: query.status === undefined ? undefined : statusesOf(query.status),
  limit: query.limit === undefined ? PAGE_MAX : Number(query.limit),
  cursor: query.cursor,
});

const wireSummary = (row: OrderRow) => ({
  order_id: row.orderId,
  symbol: row.ticker,
  side: row.side,
  quantity: exactJson(row.quantity),
  status: wordOf(row.status),
  created_at: wireTime(row.createdAt),
});

const wireOrder = (row: OrderRow) => ({
  order_id: row.orderId,
  correlation_id: row.correlationId,
  symbol: row.ticker,
  side: row.side,
  quantity: exactJson(row.quantity),
  price: exactJson(row.price),
  status: wordOf(row.status),
  executed_quantity: exactJson(row.executedQuantity),
  executed_price: exactJson(row.executedPrice),
  created_at: wireTime(row.createdAt),
  rejection_reason: row.rejectionReason ?? null,
  type: row.type,
  strategy: row.strategy,
  client_order_id: row.clientOrderId ?? null,
  account: row.account,
  user_id: row.user,
});
