/** Tells an outage of PostgreSQL apart from a statement it refused, and gives the outage its name. */
import { Fault } from '../faults/fault.ts';

/** What the operating system says when there is nobody to talk to, or the talk was cut. */
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOENT', // a unix socket that is gone
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** SQLSTATE classes: 08 connection, 53 out of disk, memory or connections, 57P the server is going or coming, 58 its disk. */
const STATE_CLASSES = /^(08|53|57P|58)/;

/** How `pg` words what carries no code: its own timeouts, and a connection that ended in mid-flight. */
const WORDS = /Connection terminated|timeout exceeded|Query read timeout|not queryable|Client was closed/i;

/** The SQLSTATE or the operating system's code, where the error has one. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Did PostgreSQL fail to answer (and not merely say no to one statement)? */
export function isOutage(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined && (SOCKET_CODES.has(code) || STATE_CLASSES.test(code))) return true;
  return error instanceof Error && WORDS.test(error.message);
}

/** DATABASE_UNAVAILABLE for an outage; a Fault as it is; anything else as it is too, because it is a bug of ours. */
export function asFault(error: unknown): unknown {
  if (error instanceof Fault || !isOutage(error)) return error;
  return new Fault('DATABASE_UNAVAILABLE', messageOf(error), { cause: error });
}

/** An error's words with its code; `pg` throws an AggregateError without any when every address of a host refuses. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  const words = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  return code === undefined || words.includes(code) ? words : `${words} (${code})`;
}
