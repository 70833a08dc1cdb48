/** Tracing that breaks its word: it fails at the span, or already when it is asked for the trace. */
import { traceIdOf } from './trace-ids.ts';
import type { Tracing } from './tracing.ts';

const fail = (): never => {
  throw new Error('no span today');
};

export const FAILING: readonly (readonly [at: string, tracing: Tracing])[] = [
  ['the span', { traceOf: traceIdOf, record: fail }],
  ['the trace', { traceOf: fail, record: fail }],
];
