/** Every answer that is not a success: one problem document (RFC 9457), whatever went wrong and wherever. */
import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { RetryLater } from '../../access/retry-later.ts';
import { FAULTS, Fault, type FaultCode } from '../../faults/fault.ts';
import { FieldFault } from '../../protocol/field-fault.ts';
import type { HttpDeps } from './deps.ts';
import { fieldErrorsOf } from './field-errors.ts';

/** What a problem says beside the fault itself. */
export interface Extras {
  readonly order_id?: string;
  readonly components?: Readonly<Record<string, string>>;
}

/** A fault with more to say. */
export class ExplainedFault extends Fault {
  readonly extras: Extras;

  constructor(code: FaultCode, detail: string | undefined, extras: Extras) {
    super(code, detail);
    this.extras = extras;
  }
}

/** Fastify's own errors by code; whatever else it says about a request is REQUEST_MALFORMED. */
const OF_FASTIFY: Readonly<Record<string, FaultCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNKNOWN',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'REQUEST_MALFORMED',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_MALFORMED',
  FST_ERR_BAD_URL: 'REQUEST_MALFORMED',
  FST_ERR_MAX_PARAM_LENGTH: 'ROUTE_UNKNOWN',
};

/** `error` as one of our faults. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { validation, validationContext, code, statusCode } = error as Partial<FastifyError>;
  if (validation !== undefined) return new FieldFault(fieldErrorsOf(validation, validationContext ?? 'body'));
  const known = code === undefined ? undefined : OF_FASTIFY[code];
  if (known !== undefined) return new Fault(known);
  const isTheirs = statusCode !== undefined && statusCode >= 400 && statusCode < 500;
  return new Fault(isTheirs ? 'REQUEST_MALFORMED' : 'INTERNAL', undefined, { cause: error });
}

/** The document of `fault`. Nothing of its cause is in it. */
export function problemOf(fault: Fault, correlationId: string): Record<string, unknown> {
  return {
    type: `urn:itirp:fault:${fault.code}`,
    title: STATUS_CODES[fault.http] ?? 'Problem',
    status: fault.http,
    detail: fault.code === 'INTERNAL' ? FAULTS.INTERNAL.says : fault.message,
    code: fault.code,
    correlation_id: correlationId,
    ...(fault instanceof FieldFault ? { errors: fault.errors, errors_total: fault.total } : {}),
    ...(fault instanceof ExplainedFault ? fault.extras : {}),
  };
}

/** Whole seconds until the same request may succeed; undefined where waiting does not help. */
function retryAfterOf(fault: Fault): number | undefined {
  if (fault instanceof RetryLater) return Math.max(1, Math.ceil(fault.retryAfterMs / 1000));
  return fault.http === 503 || fault.http === 429 ? 1 : undefined;
}

/** Answers `request` with the problem that `error` is, and logs what nobody foresaw. */
export function answerProblem(
  { log, metrics }: Pick<HttpDeps, 'log' | 'metrics'>,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const fault = faultOf(error);
  metrics.httpProblems.inc({ code: fault.code });
  if (request.span !== undefined) request.span.problem = fault.code;
  if (fault.http >= 500) {
    const facts = { correlationId: request.id, code: fault.code, method: request.method };
    if (fault.code === 'INTERNAL') log.error({ ...facts, err: fault.cause ?? fault }, 'request failed');
    else log.warn({ ...facts, detail: fault.detail }, 'request refused');
  }
  const retryAfter = retryAfterOf(fault);
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (fault.http === 401) reply.header('www-authenticate', 'Bearer realm="itirp"');
  reply
    .code(fault.http)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('x-correlation-id', request.id)
    .send(JSON.stringify(problemOf(fault, request.id)));
}
