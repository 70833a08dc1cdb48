/** What a PostgreSQL server says of itself, and whether it is one to trade on. */
import type pg from 'pg';
import { Fault } from '../faults/fault.ts';

export interface ServerFacts {
  /** Of the cluster, since initdb; a standby has its primary's. */
  readonly systemIdentifier: string;
  /** Raised by each promotion. 0 while in recovery, where the server follows whatever timeline there is. */
  readonly timeline: number;
  readonly takesWrites: boolean;
  /** As 150004. */
  readonly version: number;
  /** What is off and must not be. */
  readonly off: readonly string[];
}

const VERSION_MIN = 15;

const ASK = `
  select system_identifier::text as system_identifier,
    case when pg_is_in_recovery() then '0' else left(pg_walfile_name(pg_current_wal_lsn()), 8) end as timeline,
    not pg_is_in_recovery() and not current_setting('default_transaction_read_only')::boolean as takes_writes,
    current_setting('server_version_num')::integer as version,
    array(select name from unnest(array['fsync', 'full_page_writes', 'synchronous_commit']) as name
          where current_setting(name) = 'off') as off
  from pg_control_system()`;

interface Row {
  readonly system_identifier: string;
  /** Hexadecimal. */
  readonly timeline: string;
  readonly takes_writes: boolean;
  readonly version: number;
  readonly off: readonly string[];
}

export async function readFacts(client: Pick<pg.ClientBase, 'query'>): Promise<ServerFacts> {
  const { rows } = await client.query<Row>(ASK);
  const row = rows[0];
  if (row === undefined) throw new Error('the server says nothing of itself');
  return {
    systemIdentifier: row.system_identifier,
    timeline: Number.parseInt(row.timeline, 16),
    takesWrites: row.takes_writes,
    version: row.version,
    off: row.off,
  };
}

/**
 * Lets a server pass that keeps what it confirms.
 * @throws Fault DATABASE_VERSION: older than PostgreSQL 15
 * @throws Fault DATABASE_READ_ONLY: a standby, or set to refuse writes
 * @throws Fault DATABASE_UNSAFE: set up to lose what it has confirmed
 */
export function checkFacts(facts: ServerFacts): void {
  const major = Math.trunc(facts.version / 10_000);
  if (major < VERSION_MIN) {
    throw new Fault('DATABASE_VERSION', `it is PostgreSQL ${major}; ${VERSION_MIN} or newer is needed`);
  }
  if (facts.off.length > 0) {
    throw new Fault('DATABASE_UNSAFE', `set ${facts.off.map((name) => `${name} = on`).join(', ')}`);
  }
  if (!facts.takesWrites) {
    const remedy = 'name the primary too (postgres://…@HOST1,HOST2/…), promote it, or set it to take writes';
    throw new Fault(
      'DATABASE_READ_ONLY',
      `it is a standby, or default_transaction_read_only is on; ${remedy}`,
    );
  }
}

/** @throws Fault DATABASE_REPLACED: another cluster than `known` answers at the same address */
export function checkIdentity(known: string | undefined, { systemIdentifier }: ServerFacts): void {
  if (known === undefined || known === systemIdentifier) return;
  throw new Fault(
    'DATABASE_REPLACED',
    `system identifier ${systemIdentifier}, and it was ${known}; bring the old one back, or restart every node if the ` +
      'replacement is meant',
  );
}

/** @throws Fault DATABASE_UNAVAILABLE: a primary from before the promotion of the one that was known */
export function checkTimeline(known: number | undefined, { timeline }: ServerFacts): void {
  if (known === undefined || timeline >= known) return;
  const detail = `an old primary answers (timeline ${timeline}, and ${known} was known); what it takes now is lost`;
  throw new Fault('DATABASE_UNAVAILABLE', `${detail}: stop it, and lead the address to the promoted one`);
}
