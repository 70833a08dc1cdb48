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

/** How Node says that a certificate is not believed, or that the two sides speak no common TLS. */
const TLS_CODES =
  /^(ERR_(TLS|SSL|OSSL)_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_(VERIFY|GET)_|HOSTNAME_MISMATCH)/;

/** How `pg` words what carries no code: its own timeouts, and a connection that ended in mid-flight. */
const WORDS =
  /Connection terminated|timeout exceeded|timeout expired|Query read timeout|not queryable|Client was closed/i;

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

/**
 * DATABASE_UNAVAILABLE for an outage, DATABASE_REFUSED where we are not let in, DATABASE_READ_ONLY for a write that a
 * standby got; a Fault as it is; anything else as it is too, because it is a bug of ours.
 */
export function asFault(error: unknown): unknown {
  if (error instanceof Fault) return error;
  const remedy = refusalOf(error);
  if (remedy !== undefined)
    return new Fault('DATABASE_REFUSED', `${messageOf(error)}; ${remedy}`, { cause: error });
  if (codeOf(error) === '25006') return new Fault('DATABASE_READ_ONLY', messageOf(error), { cause: error });
  if (!isOutage(error)) return error;
  return new Fault('DATABASE_UNAVAILABLE', messageOf(error), { cause: error });
}

/** Where PostgreSQL answers and does not let us in, or we do not believe that it is it: what to look at. */
function refusalOf(error: unknown): string | undefined {
  const code = codeOf(error) ?? '';
  const words = error instanceof Error ? error.message : '';
  if (code === '3D000') return 'create it, or name another one in the URL';
  if (code === '28000') return 'look at the user in the URL and at pg_hba.conf';
  if (code.startsWith('28')) return 'look at user and password in the URL';
  if (code === '42501') return 'grant the user of the URL what it needs';
  if (/does not support SSL/.test(words)) return 'turn ssl on there, or say sslmode=disable in the URL';
  if (TLS_CODES.test(code)) return 'look at sslmode and sslrootcert in the URL';
  return undefined;
}

/** An error's words with its code; `pg` throws an AggregateError without any when every address of a host refuses. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  const words = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  return code === undefined || words.includes(code) ? words : `${words} (${code})`;
}
