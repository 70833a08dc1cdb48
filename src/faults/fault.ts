/** What can go wrong around the core, as one table. docs/faults.md lists each code; a test holds them equal. */

interface FaultRow {
  /** The HTTP status a caller gets. */
  readonly http: number;
  /** May the same request succeed later, unchanged? */
  readonly retry: boolean;
  /** One sentence for people. */
  readonly says: string;
}

export const FAULTS = {
  JOURNAL_CONFLICT: { http: 503, retry: false, says: 'another writer appended first; this one must stop' },
  JOURNAL_UNAVAILABLE: { http: 503, retry: true, says: 'the journal did not answer' },
  JOURNAL_CORRUPT: { http: 503, retry: false, says: 'the journal does not read as it was written' },
  SEQUENCER_BUSY: { http: 503, retry: true, says: 'too many commands are waiting; try again shortly' },
  SEQUENCER_STOPPED: { http: 503, retry: true, says: 'the sequencer is stopping or recovering' },
  BUS_UNAVAILABLE: { http: 503, retry: true, says: 'the command bus did not answer; nothing was sent' },
  BUS_BEHIND: { http: 503, retry: false, says: 'the command bus is not the one this shard has read from' },
  BUS_INVALID: { http: 503, retry: false, says: 'the command bus is not set up as it must be' },
  COMMAND_IN_DOUBT: {
    http: 503,
    retry: true,
    says: 'no answer in time; the command may have been carried out',
  },
  COMMAND_LATE: {
    http: 503,
    retry: true,
    says: 'the command came after its deadline and was not carried out',
  },
  COMMAND_INVALID: { http: 422, retry: false, says: 'the command does not read' },
  LIMITS_HELD: {
    http: 503,
    retry: true,
    says: 'limits are raised only when every shard that is to have less has less',
  },
  LIMITS_BUSY: { http: 503, retry: true, says: 'others are setting the limits; try again shortly' },
  HALT_RELEASED: {
    http: 409,
    retry: true,
    says: 'trading was released again before the halt was in force everywhere',
  },
  SHARD_UNKNOWN: { http: 503, retry: false, says: 'no such shard in this deployment' },
  JOURNAL_BEHIND: {
    http: 503,
    retry: false,
    says: 'the journal ends before what this process has seen of it',
  },
  JOURNAL_NEWER: {
    http: 503,
    retry: false,
    says: 'a newer program writes this shard; this one cannot read it',
  },
  DATABASE_REPLACED: {
    http: 503,
    retry: false,
    says: 'this is another PostgreSQL than the one known before',
  },
  DATABASE_READ_ONLY: { http: 503, retry: true, says: 'PostgreSQL takes no writes' },
  DEPLOYMENT_MIXED: { http: 503, retry: false, says: 'another deployment uses this database' },
  CACHE_UNAVAILABLE: { http: 503, retry: true, says: 'Redis did not answer' },
  CLOCK_OFF: { http: 503, retry: true, says: "this machine's clock is too far from the others'" },
  BACKUP_INVALID: { http: 500, retry: false, says: 'the backup does not read as it was written' },
  BACKUP_UNAVAILABLE: { http: 503, retry: true, says: 'the place where backups are kept did not answer' },
  PROJECTION_BEHIND: { http: 503, retry: true, says: 'the read model has not caught up with your writes' },
  DATABASE_UNAVAILABLE: { http: 503, retry: true, says: 'PostgreSQL did not answer' },
  DATABASE_REFUSED: { http: 503, retry: true, says: 'PostgreSQL does not let us in' },
  DATABASE_UNSAFE: { http: 503, retry: false, says: 'PostgreSQL is set up to lose what it has confirmed' },
  DATABASE_IN_USE: { http: 503, retry: false, says: 'another server uses this database' },
  DATABASE_MOVED: { http: 503, retry: false, says: 'PostgreSQL came back at another address' },
  DATABASE_VERSION: { http: 503, retry: false, says: 'this is another version of PostgreSQL than is needed' },
  DATABASE_LAUNCH: { http: 503, retry: false, says: 'the embedded PostgreSQL did not start' },
  DATABASE_MISSING: { http: 503, retry: false, says: 'there is no database in the data directory' },
  MIGRATION_CHANGED: { http: 503, retry: false, says: 'a migration that was applied has been changed since' },
  MIGRATION_MISSING: { http: 503, retry: false, says: 'the database lacks migrations of this program' },
  MIGRATION_BLOCKED: { http: 503, retry: true, says: 'a table could not be changed in time' },
  MIGRATION_UNKNOWN: { http: 503, retry: false, says: 'a newer program has migrated this database' },
  VENUE_UNREACHABLE: {
    http: 503,
    retry: true,
    says: 'the venue could not be reached; it has not seen the order',
  },
  VENUE_NO_ANSWER: {
    http: 503,
    retry: true,
    says: 'the venue did not answer in time; it may have the order',
  },
  VENUE_BREAKER_OPEN: {
    http: 503,
    retry: true,
    says: 'the venue failed repeatedly and is left alone for now',
  },
  CONFIG_INVALID: { http: 500, retry: false, says: 'the configuration does not hold' },
  ARGUMENT_INVALID: { http: 422, retry: false, says: 'the command line does not hold' },
  LOAD_TARGET_FAILED: {
    http: 503,
    retry: true,
    says: 'the deployment under load did not do as it was asked',
  },
  ADDRESS_IN_USE: { http: 503, retry: false, says: 'another program listens at this address' },
  FEED_INVALID: { http: 500, retry: false, says: 'the quote file does not read' },
  CALLER_GONE: { http: 400, retry: true, says: 'the caller hung up before the request was read' },
  TOKEN_MISSING: { http: 401, retry: false, says: 'a bearer token is needed' },
  TOKEN_INVALID: { http: 401, retry: false, says: 'the bearer token is invalid or expired' },
  CREDENTIALS_INVALID: { http: 401, retry: false, says: 'unknown user or wrong password' },
  LOGIN_THROTTLED: { http: 429, retry: true, says: 'too many failed logins; try again later' },
  PERMISSION_DENIED: { http: 403, retry: false, says: 'your role does not allow this' },
  RATE_LIMITED: { http: 429, retry: true, says: 'too many requests; try again later' },
  ORDER_UNKNOWN: { http: 404, retry: false, says: 'no such order' },
  CORRELATION_UNKNOWN: { http: 404, retry: false, says: 'no events carry this correlation id' },
  ROUTE_UNKNOWN: { http: 404, retry: false, says: 'no such path' },
  METHOD_UNKNOWN: { http: 405, retry: false, says: 'this path does not take this method' },
  ORDER_NOT_WORKING: {
    http: 409,
    retry: false,
    says: 'the order is finished, or its cancel is pending already',
  },
  CLIENT_ORDER_ID_DUPLICATE: {
    http: 409,
    retry: false,
    says: 'this client_order_id was used for the same order',
  },
  CLIENT_ORDER_ID_CONFLICT: {
    http: 409,
    retry: false,
    says: 'this client_order_id was used for another order',
  },
  BODY_INVALID: { http: 422, retry: false, says: 'the request does not validate' },
  BODY_MALFORMED: { http: 422, retry: false, says: 'the body is not well-formed JSON' },
  BODY_TOO_LARGE: { http: 413, retry: false, says: 'the body is over the limit' },
  MEDIA_TYPE_UNKNOWN: { http: 415, retry: false, says: 'only application/json is taken' },
  REQUEST_MALFORMED: { http: 400, retry: false, says: 'the request is not well-formed HTTP' },
  REQUEST_TIMEOUT: { http: 408, retry: true, says: 'the request did not arrive in time' },
  HEADERS_TOO_LARGE: { http: 431, retry: false, says: 'the headers are over the limit' },
  USERS_STALE: {
    http: 503,
    retry: true,
    says: 'who may still do what could not be asked for too long; only cancels, halts and logouts are taken',
  },
  USER_EXISTS: { http: 409, retry: false, says: 'a user of that name exists' },
  USER_UNKNOWN: { http: 404, retry: false, says: 'no such user' },
  NOT_READY: { http: 503, retry: true, says: 'the platform is starting or recovering' },
  INTERNAL: { http: 500, retry: false, says: 'something unforeseen went wrong; it has been logged' },
} as const satisfies Record<string, FaultRow>;

export type FaultCode = keyof typeof FAULTS;

/** An operating error: expected, named, handled. Refusals are events, and bugs are asserts; neither is a Fault. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  /** What exactly, for this caller: a field, a path, a remedy. */
  readonly detail: string | undefined;

  constructor(code: FaultCode, detail?: string, options?: { cause?: unknown }) {
    super(detail === undefined ? FAULTS[code].says : `${FAULTS[code].says}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }

  get http(): number {
    return FAULTS[this.code].http;
  }
  get mayRetry(): boolean {
    return FAULTS[this.code].retry;
  }
}
