/** Orders, placed: sent to the account's shard, and answered with what its engine made of it. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CorrelationId, Ticker } from '../../../core/values/names.ts';
import type { Committed } from '../../../journal/entry.ts';
import { FieldFault } from '../../../protocol/field-fault.ts';
import type { OrderRequest } from '../../../protocol/schemas/orders.ts';
import { BODY_PROBLEMS, inDoubt, problems, refTo } from '../../../protocol/schemas/vocabulary.ts';
import type { HttpDeps } from '../deps.ts';
import { fieldErrorsOf } from '../field-errors.ts';
import type { Freshness } from '../freshness.ts';
import { isInDoubt, pendingAnswer } from '../in-doubt.ts';
import { answerTo, offSteps, orderOf } from '../place-order.ts';
import { attributionOf, principalOf } from '../requests.ts';

const tags = ['orders'];

const PLACE_PENDING =
  'Not answered in time, though it may have been sent: look the order up by its id, or send it again with its client_order_id';

export function orderRoutes(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
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
