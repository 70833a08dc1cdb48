/** The audit trail: every event, those of one conversation, those of one order. */
import type { FastifyInstance } from 'fastify';
import type { CorrelationId } from '../../../core/values/names.ts';
import { Fault } from '../../../faults/fault.ts';
import type { EventRow } from '../../../projections/reads.ts';
import { CorrelationPath, EventQuery } from '../../../protocol/schemas/audit.ts';
import { OrderPath } from '../../../protocol/schemas/orders.ts';
import { problems, refTo } from '../../../protocol/schemas/vocabulary.ts';
import { wireTime } from '../../../protocol/times.ts';
import type { HttpDeps } from '../deps.ts';
import type { Freshness } from '../freshness.ts';
import { orderIdOf, principalOf, uuidOf } from '../requests.ts';

const tags = ['audit'];
const config = { access: 'ReadAudit' } as const;

export function auditRoutes(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  routeEvents(app, deps, freshness);
  routeCorrelation(app, deps, freshness);
  routeTrail(app, deps, freshness);
}

function routeEvents(app: FastifyInstance, { reads }: HttpDeps, freshness: Freshness): void {
  const schema = {
    tags,
    summary: 'The newest events',
    querystring: EventQuery,
    response: { 200: refTo('EventList'), ...problems(401, 403, 422, 429, 503) },
  };
  app.get<{ Querystring: EventQuery }>('/api/v1/audit/events', { schema, config }, async (request) => {
    const atLeast = await freshness.settle(principalOf(request).user);
    const limit = Number(request.query.limit ?? 100);
    const [events, total] = await Promise.all([
      reads.latestEvents(limit, atLeast),
      reads.eventCount(atLeast),
    ]);
    return { events: events.map(wireEvent), total };
  });
}

function routeCorrelation(app: FastifyInstance, { reads }: HttpDeps, freshness: Freshness): void {
  const schema = {
    tags,
    summary: 'Everything that one request brought about',
    params: CorrelationPath,
    response: { 200: refTo('CorrelationTrail'), ...problems(401, 403, 404, 429, 503) },
  };
  app.get<{ Params: CorrelationPath }>(
    '/api/v1/audit/correlation/:correlation_id',
    { schema, config },
    async (request) => {
      const id = uuidOf(request.params.correlation_id);
      if (id === undefined) throw new Fault('CORRELATION_UNKNOWN');
      const atLeast = await freshness.settle(principalOf(request).user);
      const events = await reads.eventsOfCorrelation(id as CorrelationId, atLeast);
      if (events.length === 0) throw new Fault('CORRELATION_UNKNOWN', id);
      return { correlation_id: id, events: events.map(wireEvent), total_events: events.length };
    },
  );
}

function routeTrail(app: FastifyInstance, { reads }: HttpDeps, freshness: Freshness): void {
  const schema = {
    tags,
    summary: 'The whole life of one order',
    params: OrderPath,
    response: { 200: refTo('OrderTrail'), ...problems(401, 403, 404, 429, 503) },
  };
  app.get<{ Params: OrderPath }>(
    '/api/v1/audit/order/:order_id/trail',
    { schema, config },
    async (request) => {
      const id = orderIdOf(request.params);
      const atLeast = await freshness.settle(principalOf(request).user);
      const events = await reads.eventsOfOrder(id, atLeast);
      if (events.length === 0) throw new Fault('ORDER_UNKNOWN', id);
      return { order_id: id, events: events.map(wireEvent), total_events: events.length };
    },
  );
}

const wireEvent = (row: EventRow) => ({
  event_id: row.eventId,
  event_type: row.eventType,
  correlation_id: row.correlationId,
  order_id: row.orderId ?? null,
  timestamp: wireTime(row.at),
  payload: row.payload,
  user_id: row.user,
});
