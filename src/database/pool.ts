/** Connections to PostgreSQL: one place for their limits, their timeouts and how their numbers are read. */
import pg from 'pg';
import { addressOf } from './address.ts';
import { clientFor, configOf, type RoutedConfig } from './client.ts';
import { guardAgainstStalls, STALL_MS } from './stall-guard.ts';

/** How much later than at its end the server's word that a statement took too long may come, in milliseconds. */
const LATE_MS_MAX = 2_000;
/** How long the server may take to say what one of its processes does. */
const ASK_MS_MAX = 5_000;

const STATEMENT_MS_MAX = 30_000;

/** What a caller may choose; the rest is the same for everybody. */
export interface PoolOptions {
  /** At most this many connections. Default 8. */
  readonly connectionsMax?: number;
  /** A statement is canceled by the server after this long, in milliseconds. Default 30,000; 0: never. */
  readonly statementTimeoutMs?: number;
  /** A lock is waited for so long, in milliseconds. Default 10,000; for ever where a statement may take for ever. */
  readonly lockTimeoutMs?: number;
  /** A transaction that its owner forgot is ended after this long, in milliseconds. Default 60,000; 0: never. */
  readonly idleInTransactionMs?: number;
  /** How long a caller waits for a connection, in milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** A statement that has brought no byte for so long is asked after, in milliseconds. Default 15,000. */
  readonly stallMs?: number;
  /** What `pg_stat_activity` shows. Default `itirp`. */
  readonly applicationName?: string;
  /** Send statements without waiting for earlier answers. No COPY and no cursor then. Default false. */
  readonly pipeline?: boolean;
}

const OID_INT8 = 20;
const OID_INT8_ARRAY = 1016;

const defaultTextParser = (oid: number): ((value: string) => unknown) => pg.types.getTypeParser(oid, 'text');
const parseInt8Array = (value: string): unknown => {
  const texts = defaultTextParser(OID_INT8_ARRAY)(value);
  return Array.isArray(texts) ? texts.map((text) => (text === null ? null : BigInt(text))) : texts;
};

/** int8 as bigint, numeric as text: no number from the database ever passes through a float. */
export const EXACT_TYPES: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: string) {
    if (format === 'binary') return pg.types.getTypeParser(oid, 'binary');
    if (oid === OID_INT8) return (value: string) => BigInt(value);
    if (oid === OID_INT8_ARRAY) return parseInt8Array;
    return defaultTextParser(oid);
  },
};

/** What one connection is opened with. Keep-alive notices a dead peer that never said goodbye. */
function clientConfig(url: string, options: PoolOptions): RoutedConfig & { pipeline: boolean } {
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_MS_MAX;
  return {
    ...configOf(addressOf(url)),
    application_name: options.applicationName ?? 'itirp',
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    statement_timeout: statementTimeoutMs,
    lock_timeout: options.lockTimeoutMs ?? (statementTimeoutMs === 0 ? 0 : 10_000),
    idle_in_transaction_session_timeout: options.idleInTransactionMs ?? 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: EXACT_TYPES,
    pipeline: options.pipeline ?? false,
  };
}

/**
 * A connection for one purpose, not yet opened: to the primary, where `url` names several hosts. Whoever opens it
 * listens to its errors.
 * @throws Fault CONFIG_INVALID: `url` does not read
 */
export function openClient(url: string, options: PoolOptions = {}, more: pg.ClientConfig = {}): pg.Client {
  const Client = clientFor(addressOf(url));
  return new Client({ ...clientConfig(url, options), ...more });
}

/**
 * A pool on `url`: each connection leads to the primary, where several hosts are named. An idle connection that breaks
 * is dropped in silence: the next query opens another one, and says what is wrong if it cannot.
 * @throws Fault CONFIG_INVALID: `url` does not read
 */
export function openPool(url: string, options: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(url, options),
    Client: clientFor(addressOf(url)),
    max: options.connectionsMax ?? 8,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
  });
  pool.on('error', () => {});
  const { stallMs = STALL_MS, statementTimeoutMs = STATEMENT_MS_MAX } = options;
  const patience =
    statementTimeoutMs === 0 ? { stallMs } : { stallMs, silenceMsMax: statementTimeoutMs + LATE_MS_MAX };
  guardAgainstStalls(pool, patience, (processId) => isAtWork(url, processId));
  // One that breaks while it is lent tells its borrower at the next statement; without a listener it ends the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Does the server process with this id work on a statement? */
async function isAtWork(url: string, processId: number): Promise<boolean> {
  const client = openClient(url, { applicationName: 'itirp stall guard' }, { query_timeout: ASK_MS_MAX });
  client.on('error', () => {});
  try {
    await client.connect();
    const ask = "select from pg_stat_activity where pid = $1 and state = 'active'";
    return (await client.query(ask, [processId])).rowCount === 1;
  } finally {
    void client.end().catch(() => {});
  }
}

/** `url` with everything unqualified looked up and created in `schema`. */
export function withSchema(url: string, schema: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new TypeError(`not a schema's name: ${schema}`);
  const joiner = url.includes('?') ? '&' : '?';
  return `${url}${joiner}options=${encodeURIComponent(`-c search_path=${schema}`)}`;
}
