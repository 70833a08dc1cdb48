/**
 * Traces: what was done for one correlation id, where, and from when to when. This is the port; where nobody traces
 * there is none, and whoever might record a span asks for no more than whether it is undefined.
 */
import type { SpanLink } from './traceparent.ts';

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** Ids and figures. No secret, and nobody's name, address or account: traces leave the house. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Something that was done: recorded when it is over, since who is not traced must not pay for who is. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined: nothing here is known to have led to it. */
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** Both in milliseconds; on the clock of this thread that never runs backwards (`performance.now()`). */
  readonly beganAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  /** What went wrong, as one word. */
  readonly failure?: string | undefined;
  /** Spans of other traces that have to do with it. */
  readonly links?: readonly SpanLink[] | undefined;
}

export interface Tracing {
  /** The trace of `correlationId`; undefined: it is none of those that are kept, and nothing of it is recorded. */
  traceOf(correlationId: string): string | undefined;
  /** Costs a few microseconds, never waits and never throws: what cannot be kept is dropped, and counted. */
  record(span: Span): void;
}
