/** What this door knows of each request: who asks, since when, and how that is told to the journal. */
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../access/directory.ts';
import { assert } from '../../core/values/assert.ts';
import type { CorrelationId, Micros, OrderId } from '../../core/values/names.ts';
import { Fault } from '../../faults/fault.ts';
import type { Attribution } from '../../journal/entry.ts';
import type { OrderPath } from '../../protocol/schemas/orders.ts';
import { newId } from './ids.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whoever showed a good token; undefined on routes open to anyone. */
    principal: Principal | undefined;
    /** On the monotonic clock, in milliseconds. */
    arrivedAtMs: number;
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** `text` as a UUID in lower case; undefined where it is none. */
export const uuidOf = (text: string): string | undefined =>
  UUID.test(text) ? text.toLowerCase() : undefined;

/** The request's correlation id: the caller's own where it is a UUID, else a new one. */
export function correlationIdOf(header: string | string[] | undefined): string {
  return (typeof header === 'string' ? uuidOf(header) : undefined) ?? newId();
}

/** An order's id from a path. @throws Fault ORDER_UNKNOWN: no order can have that id */
export function orderIdOf({ order_id: text }: OrderPath): OrderId {
  const id = uuidOf(text);
  if (id === undefined) throw new Fault('ORDER_UNKNOWN');
  return id as OrderId;
}

/** Who asks, on a route that has been guarded. */
export function principalOf(request: FastifyRequest): Principal {
  assert(request.principal !== undefined, 'a guarded route knows who asks');
  return request.principal;
}

/** What the journal seals onto the facts that the request brings about. */
export function attributionOf(request: FastifyRequest, reason?: string): Attribution {
  return {
    user: principalOf(request).user,
    origin: request.ip,
    correlationId: request.id as CorrelationId,
    reason,
    span: request.span?.spanId,
    askedAt: arrivalOf(request),
  };
}

/** On the wall clock: nobody's wait for his turn at the door makes his order younger. */
function arrivalOf({ arrivedAtMs }: FastifyRequest): Micros {
  const waitedMs = performance.now() - arrivedAtMs;
  return (nowMicros() - Math.round(waitedMs * 1000)) as Micros;
}

/** The wall clock, for answers that no fact gives a time to. */
export const nowMicros = (): Micros => (Date.now() * 1000) as Micros;
