/** Ids of traces and spans that are reckoned, not carried: whoever has a correlation id has its trace, in every process. */
import { hash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NO_TRACE = '0'.repeat(32);

/** The one trace of `correlationId`: the 128 bits of a UUID, of any other text as many of its hash. */
export function traceIdOf(correlationId: string): string {
  const own = UUID.test(correlationId) ? correlationId.replaceAll('-', '').toLowerCase() : NO_TRACE;
  return own === NO_TRACE ? hash('sha256', correlationId, 'hex').slice(0, 32) : own; // all zeros is no trace's id
}

/** How much of an id decides whether its trace is kept: bits that are random in UUIDs of version 4 and of version 7. */
const SAMPLED_DIGITS = 8;
const SAMPLED_VALUES = 2 ** (4 * SAMPLED_DIGITS);

/** Is this one of the part `ratio` (0 to 1) of all traces that are kept? `id`: a trace's, or the UUID it is made of. */
export const isSampled = (id: string, ratio: number): boolean =>
  Number.parseInt(id.slice(-SAMPLED_DIGITS), 16) < ratio * SAMPLED_VALUES;

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

const mixed = (value: number): number => {
  const once = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
};

/** A span's id as a hash (FNV-1a in two lanes) of what names it: the same wherever it is reckoned. */
function spanIdOf(...parts: readonly (string | number)[]): string {
  const text = parts.join('/');
  let high = 0x811c9dc5;
  let low = 0x9e3779b9;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ (code + i), 0x0100019d);
  }
  const id = hex(mixed(high)) + hex(mixed(low ^ high));
  return id === '0000000000000000' ? '0000000000000001' : id;
}

/** For a span that nobody else has to name. */
export const newSpanId = (): string =>
  hex(Math.random() * SAMPLED_VALUES) + hex(1 + Math.random() * (SAMPLED_VALUES - 1));

/** Spans that another process is to name as its parent, each by what both of them know. */
export const SPAN = {
  /** A command is put on the bus. */
  sent: (traceId: string, commandId: string) => spanIdOf(traceId, 'sent', commandId),
  /** Its answer is put on the way back. */
  answered: (traceId: string, commandId: string) => spanIdOf(traceId, 'answered', commandId),
  /** Facts go into the journal; `position`: of the first of them. */
  appended: (traceId: string, shard: string, position: number) =>
    spanIdOf(traceId, 'appended', shard, position),
  /** An order is given to the venue for the first time. */
  placed: (traceId: string, orderId: string) => spanIdOf(traceId, 'placed', orderId),
  /** Facts are told on the bus; `position` as in `appended`. */
  published: (traceId: string, shard: string, position: number) =>
    spanIdOf(traceId, 'published', shard, position),
} as const;
