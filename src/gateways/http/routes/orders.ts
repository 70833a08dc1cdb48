/** Orders: place and cancel. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CancelOrder } from '../../../core/commands.ts';
import { isFinished } from '../../../core/orders/lifecycle.ts';
import { InvariantBroken } from '../../../core/values/assert.ts';
import type { CorrelationId, OrderId, Ticker, UserId } from '../../../core/values/names.ts';
import { Fault } from '../../../faults/fault.ts';
import type { Committed } from '../../../journal/entry.ts';
import { FieldFault } from '../../../protocol/field-fault.ts';
import { OrderPath, type OrderRequest } from '../../../protocol/schemas/orders.ts';
import { ReasonQuery } from '../../../protocol/schemas/risk.ts';
import { BODY_PROBLEMS, inDoubt, problems, refTo } from '../../../protocol/schemas/vocabulary.ts';
import { wordOf } from '../../../protocol/statuses.ts';
import { wireTime } from '../../../protocol/times.ts';
import type { HttpDeps } from '../deps.ts';
import { fieldErrorsOf } from '../field-errors.ts';
import type { Freshness } from '../freshness.ts';
import { isInDoubt, pendingAnswer, unknownOrder } from '../in-doubt.ts';
import { answerTo, offSteps, orderOf } from '../place-order.ts';
import { attributionOf, orderIdOf, principalOf } from '../requests.ts';

const tags = ['orders'];

const PLACE_PENDING =
  'Sent, and not answered in time: look the order up by its id, or send it again with its client_order_id';
const CANCEL_PENDING = 'Sent, and not answered in time: look the order up by its id, or ask again';

export function orderRoutes(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  routePlace(app, deps, freshness);
  routeCancel(app, deps, freshness);
}

function routePlace(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  const schema = {
    tags,
    summary: 'Place an order',
    body: refTo('OrderRequest'),
    response: {
      200: refTo('OrderAnswer'),
      ...inDoubt('PendingAnswer'),
      ...problems(401, 403, 409, ...BODY_PROBLEMS, 429, 503),
    },
  };
  const { firm, quotes, metrics } = deps;
  const listed = (ticker: Ticker) => firm.instrument(ticker);
  app.post<{ Body: OrderRequest }>(
    '/api/v1/orders',
    { schema, config: { access: 'PlaceOrder' }, attachValidation: true },
    async (request, reply) => {
      const steps = offSteps(request.body, listed);
      refuseInvalid(request, steps);
      const principal = principalOf(request);
      const order = orderOf(request.body, principal, request.id as CorrelationId);
      const command = { type: 'PlaceOrder', order, quote: quotes.sample(order.ticker) } as const;
      const found = firm.shardOf(order.account);
      const shard = typeof found === 'string' ? found : await found; // where it is at hand, nobody waits a turn
      let committed: Committed;
      try {
        committed = await firm.submit(shard, command, attributionOf(request));
      } catch (error) {
        if (!isInDoubt(error)) throw error;
        reply.code(202);
        return pendingAnswer(order.orderId, request.id, PLACE_PENDING);
      }
      const told = freshness.wrote(principal.user, shard, committed.position);
      if (told !== undefined) await told;
      metrics.orderLatency.observe((performance.now() - request.arrivedAtMs) / 1000);
      return answerTo(order, committed);
    },
  );
}

/** Names what the schema found and what stands off the instrument's steps, together. @throws FieldFault */
function refuseInvalid(request: FastifyRequest, steps: ReturnType<typeof offSteps>): void {
  const { validationError } = request;
  if (validationError === undefined && steps.length === 0) return;
  if (validationError !== undefined && validationError.validation === undefined) throw validationError;
  const found = fieldErrorsOf(
    validationError?.validation ?? [],
    validationError?.validationContext ?? 'body',
  );
  throw new FieldFault([...found, ...steps.filter(({ field }) => !found.some((one) => one.field === field))]);
}

function routeCancel(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  const schema = {
    tags,
    summary: 'Ask for the cancel of a working order',
    params: OrderPath,
    querystring: ReasonQuery,
    response: {
      200: refTo('CancelAnswer'),
      ...inDoubt('PendingAnswer'),
      ...problems(401, 403, 404, 409, 422, 429, 503),
    },
  };
  app.delete<{ Params: OrderPath; Querystring: ReasonQuery }>(
    '/api/v1/orders/:order_id',
    { schema, config: { access: 'CancelOwnOrder' } },
    async (request, reply) => {
      const orderId = orderIdOf(request.params);
      const { user, permissions } = principalOf(request);
      const owner = permissions.has('CancelAnyOrder') ? undefined : user;
      const shard = await shardOfWorking(deps, freshness, orderId, user, owner);
      const command: CancelOrder = { type: 'CancelOrder', orderId, owner };
      let committed: Committed;
      try {
        committed = await deps.firm.submit(shard, command, attributionOf(request, request.query.reason));
      } catch (error) {
        if (!isInDoubt(error)) throw error;
        reply.code(202);
        return pendingAnswer(orderId, request.id, CANCEL_PENDING);
      }
      await freshness.wrote(user, shard, committed.position);
      return cancelAnswer(orderId, request.id, committed);
    },
  );
}

/**
 * Looks before it asks, so that a cancel of nothing leaves no event.
 * @throws Fault ORDER_UNKNOWN or ORDER_NOT_WORKING; COMMAND_IN_DOUBT: it may be on its way, to whichever shard
 */
async function shardOfWorking(
  { firm, reads }: HttpDeps,
  freshness: Freshness,
  orderId: OrderId,
  user: UserId,
  owner: UserId | undefined,
): Promise<string> {
  const isVisible = (order: { readonly user: UserId }) => owner === undefined || order.user === owner;
  const holder = await firm.holderOf(orderId);
  if (holder !== undefined && isVisible(holder)) return holder.shard;
  if (holder !== undefined) throw new Fault('ORDER_UNKNOWN', orderId);
  await freshness.settle(user);
  const row = await reads.order(orderId);
  if (row === undefined) throw unknownOrder(firm, orderId);
  if (!isVisible(row)) throw new Fault('ORDER_UNKNOWN', orderId);
  if (isFinished(row.status)) throw new Fault('ORDER_NOT_WORKING', orderId);
  return await firm.shardOf(row.account);
}

/** @throws Fault ORDER_NOT_WORKING or ORDER_UNKNOWN: it finished, or a cancel came first, since we looked */
function cancelAnswer(orderId: OrderId, correlationId: string, { at, events }: Committed) {
  for (const event of events) {
    if (event.type === 'CancelRefused') {
      throw new Fault(event.why === 'NotOwner' ? 'ORDER_UNKNOWN' : 'ORDER_NOT_WORKING', orderId);
    }
    if (event.type === 'CancelRequested') {
      return {
        order_id: orderId,
        status: wordOf('PendingCancel'),
        correlation_id: correlationId,
        timestamp: wireTime(at),
        message: 'Cancel requested; the venue has the last word',
      };
    }
  }
  throw new InvariantBroken('a cancel is requested or refused');
}
