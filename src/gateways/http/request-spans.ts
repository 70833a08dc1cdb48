/** Requests as spans: from a request's arrival to its answer, and how long it was asked meanwhile whether it may come in. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { newSpanId } from '../../telemetry/trace-ids.ts';
import { readTraceparent } from '../../telemetry/traceparent.ts';
import type { Tracing } from '../../telemetry/tracing.ts';

/** What is noted of a request while it is under way. */
export interface RequestSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** When the guard had let it in; undefined: it has not. Milliseconds on the steady clock. */
  admittedAt: number | undefined;
  /** Code of the problem that it was answered with. */
  problem: string | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined: the request is not traced. */
    span: RequestSpan | undefined;
  }
}

/** Call it once requests have their arrival noted and before they are guarded. Without `tracing` it adds nothing. */
export function traceRequests(app: FastifyInstance, tracing: Tracing | undefined): void {
  app.decorateRequest('span', undefined);
  if (tracing === undefined) return;
  app.addHook('onRequest', (request, _reply, done) => {
    const isProbe = request.routeOptions.config.access === 'unmetered';
    const traceId = isProbe ? undefined : tracing.traceOf(request.id);
    if (traceId !== undefined) {
      request.span = { traceId, spanId: newSpanId(), admittedAt: undefined, problem: undefined };
    }
    done();
  });
  app.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.span !== undefined) request.span.admittedAt = performance.now();
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (request.span !== undefined) record(tracing, request, reply, request.span);
    done();
  });
}

/** The route, never the path: what a caller types there may be anything. */
function record(tracing: Tracing, request: FastifyRequest, reply: FastifyReply, span: RequestSpan): void {
  const { traceId, spanId, admittedAt, problem } = span;
  const { method, arrivedAtMs } = request;
  const { url: route } = request.routeOptions;
  const { statusCode: status } = reply;
  const caller = readTraceparent(request.headers.traceparent);
  tracing.record({
    traceId,
    spanId,
    parentId: undefined, // a trace begins here: the caller's own is linked to it
    name: route === undefined ? method : `${method} ${route}`,
    kind: 'server',
    beganAt: arrivedAtMs,
    endedAt: performance.now(),
    attributes: {
      'http.request.method': method,
      ...(route === undefined ? {} : { 'http.route': route }),
      'http.response.status_code': status,
      'url.scheme': request.protocol,
      ...(admittedAt === undefined ? {} : { 'itirp.access_ms': admittedAt - arrivedAtMs }),
      ...(problem === undefined ? {} : { 'itirp.problem': problem }),
    },
    failure: status >= 500 ? (problem ?? String(status)) : undefined,
    links: caller === undefined ? undefined : [caller],
  });
}
