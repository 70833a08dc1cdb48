/** A bare Fastify with the platform's own schema and token check, and nothing behind it: what a baseline starts from. */
import fastify, { type FastifyInstance } from 'fastify';
import { uuidv7 } from 'uuidv7';
import { Tokens } from '../../src/access/tokens.ts';
import { KEYWORDS } from '../../src/protocol/keywords.ts';
import { CATALOGUE } from '../../src/protocol/schemas/catalogue.ts';
import type { OrderRequest } from '../../src/protocol/schemas/orders.ts';
import { refTo } from '../../src/protocol/schemas/vocabulary.ts';

export interface PlacedOrder {
  readonly orderId: string;
  readonly correlationId: string;
  readonly user: string;
  readonly body: OrderRequest;
}

/** `place` does what is to be done with an order that has passed the schema, before it is answered. */
export function bareDoor(secret: string, place?: (order: PlacedOrder) => Promise<void>): FastifyInstance {
  const app = fastify({
    logger: false,
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, allErrors: true, keywords: KEYWORDS },
    },
  });
  for (const schema of CATALOGUE) app.addSchema(schema);
  const tokens = new Tokens(secret);
  app.decorateRequest('user', '');
  app.addHook('onRequest', async (request, reply) => {
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    try {
      const { username } = tokens.remembered(token) ?? (await tokens.verify(token));
      request.user = username;
    } catch {
      return reply.code(401).send({ detail: 'no token, or not a good one' });
    }
  });
  const schema = { body: refTo('OrderRequest'), response: { 200: refTo('OrderAnswer') } };
  app.post<{ Body: OrderRequest }>('/api/v1/orders', { schema }, async ({ body, user }) => {
    const order: PlacedOrder = { orderId: uuidv7(), correlationId: uuidv7(), user, body };
    await place?.(order);
    return {
      order_id: order.orderId,
      status: 'APPROVED',
      correlation_id: order.correlationId,
      timestamp: new Date().toISOString(),
      message: 'Order approved and on its way to the venue',
    };
  });
  return app;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose token it was. */
    user: string;
  }
}
