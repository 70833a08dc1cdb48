/** Reads that may lag: answered by a standby while it is near, by the primary otherwise. Decisions never come here. */
import type pg from 'pg';
import { Fault } from '../faults/fault.ts';
import { addressOf } from './address.ts';
import { asFault, isOutage, messageOf } from './outage.ts';

/** A standby that is further behind, in milliseconds, is not asked. */
const LAG_MS_MAX = 5_000;
const LOOK_MS = 1_000;
/** Where the primary stood is remembered for so many looks: long enough to tell a lag that is too long. */
const SAMPLES_MAX = 8;

export interface ReplicaOptions {
  readonly lagMsMax?: number | undefined;
  readonly lookMs?: number | undefined;
  /** Hears once of each change: that the standby is not asked, with the reason, and that it is again. */
  readonly onChange?: ((says: string) => void) | undefined;
}

interface Sample {
  readonly at: number;
  readonly lsn: bigint;
  readonly timeline: string;
  readonly systemIdentifier: string;
}

const STANDS = `
  select system_identifier::text as "systemIdentifier", pg_is_in_recovery() as "isStandby",
    pg_wal_lsn_diff(case when pg_is_in_recovery() then coalesce(pg_last_wal_replay_lsn(), '0/0')
                    else pg_current_wal_lsn() end, '0/0')::bigint as lsn,
    case when pg_is_in_recovery() then '' else left(pg_walfile_name(pg_current_wal_lsn()), 8) end as timeline
  from pg_control_system()`;

type Stands = Omit<Sample, 'at'> & { readonly isStandby: boolean };

export class ReplicaReads {
  readonly #primary: pg.Pool;
  readonly #replica: pg.Pool | undefined;
  readonly #lagMsMax: number;
  readonly #onChange: (says: string) => void;
  /** Why the standby is not asked, as it was told last. */
  #told: Trouble | undefined;
  readonly #samples: Sample[] = [];
  #lagMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  /** Without `replica` every read goes to the primary. Both pools stay their owner's to end. */
  constructor(primary: pg.Pool, replica: pg.Pool | undefined, options: ReplicaOptions = {}) {
    this.#primary = primary;
    this.#replica = replica;
    this.#lagMsMax = options.lagMsMax ?? LAG_MS_MAX;
    this.#onChange = options.onChange ?? (() => {});
    if (replica === undefined) return;
    this.#timer = setInterval(() => void this.look(), options.lookMs ?? LOOK_MS).unref();
    void this.look();
  }

  /** How far the standby is behind at most, in milliseconds; Infinity where there is none, or it does not answer. */
  get lagMs(): number {
    return this.#lagMs;
  }

  /** Where a read goes just now. */
  get pool(): pg.Pool {
    const isNear = this.#replica !== undefined && this.#lagMs <= this.#lagMsMax;
    return isNear && this.#replica !== undefined ? this.#replica : this.#primary;
  }

  /** As `pg.Pool.query`; asked again of the primary where the standby fails in the middle. */
  async query<Row extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    const { pool } = this;
    if (pool === this.#primary) return await pool.query<Row>(config);
    try {
      return await pool.query<Row>(config);
    } catch (error) {
      if (!isOutage(error) && !isRecoveryConflict(error)) throw error;
      if (isOutage(error)) this.#lagMs = Number.POSITIVE_INFINITY; // until the next look
      return await this.#primary.query<Row>(config);
    }
  }

  /** Compares where both stand; done by itself every second. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Looks no more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    if (this.#replica === undefined) return;
    const [primary, replica] = await Promise.all([standsOf(this.#primary), standsOf(this.#replica)]);
    const isKnown = !(primary instanceof Error) && !primary.isStandby;
    if (isKnown) {
      this.#samples.push({ ...primary, at: performance.now() });
      if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
    }
    this.#lagMs = replica instanceof Error ? Number.POSITIVE_INFINITY : lagOf(replica, this.#samples);
    if (isKnown) this.#tell(this.#troubleOf(primary, replica), replica);
  }

  #troubleOf(primary: Stands, replica: Stands | Error): Trouble | undefined {
    if (replica instanceof Error)
      return refusalOf(replica) !== undefined ? 'does not let us in' : 'does not answer';
    if (replica.systemIdentifier !== primary.systemIdentifier) return 'is of another cluster';
    const isUntold = this.#samples.length < SAMPLES_MAX; // how far it is behind, when we have only begun to look
    return isUntold || this.#lagMs <= this.#lagMsMax ? undefined : 'is too far behind';
  }

  #tell(trouble: Trouble | undefined, replica: Stands | Error): void {
    if (trouble === this.#told) return;
    this.#told = trouble;
    const detail = replica instanceof Error ? `: ${messageOf(replica)}` : '';
    this.#onChange(
      trouble === undefined
        ? 'the standby of POSTGRES_REPLICA_URL answers reads again'
        : `the standby of POSTGRES_REPLICA_URL ${trouble}${detail}; the primary answers its reads`,
    );
  }
}

type Trouble = 'does not answer' | 'does not let us in' | 'is of another cluster' | 'is too far behind';

async function standsOf(pool: pg.Pool): Promise<Stands | Error> {
  try {
    const [stands] = (await pool.query<Stands>(STANDS)).rows;
    return stands ?? new Error('no answer');
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Undefined: it is something else than that we are not let in. */
function refusalOf(error: Error): Fault | undefined {
  const fault = asFault(error);
  return fault instanceof Fault && fault.code === 'DATABASE_REFUSED' ? fault : undefined;
}

/**
 * Before anything reads there. One that is away does not stop the start: it is used as soon as it answers.
 * @throws Fault CONFIG_INVALID: it does not let us in, or it is no copy of `primary`
 */
export async function checkReplica(primary: pg.Pool, replica: pg.Pool): Promise<void> {
  const [ours, theirs] = await Promise.all([standsOf(primary), standsOf(replica)]);
  if (theirs instanceof Error) {
    const refusal = refusalOf(theirs);
    if (refusal === undefined) return;
    throw new Fault('CONFIG_INVALID', `POSTGRES_REPLICA_URL: ${refusal.detail}`, { cause: theirs });
  }
  if (ours instanceof Error || ours.systemIdentifier === theirs.systemIdentifier) return;
  throw new Fault('CONFIG_INVALID', 'POSTGRES_REPLICA_URL leads to another cluster than POSTGRES_URL');
}

/** Since when the primary has stood beyond where the standby stands: samples in the order they were taken. */
export function lagOf(replica: Stands, samples: readonly Sample[], now = performance.now()): number {
  const newest = samples.at(-1);
  if (newest === undefined || newest.systemIdentifier !== replica.systemIdentifier)
    return Number.POSITIVE_INFINITY;
  const isOldPrimary = !replica.isStandby && replica.timeline !== newest.timeline;
  if (isOldPrimary) return Number.POSITIVE_INFINITY;
  if (replica.lsn >= newest.lsn) return 0;
  const reached = samples.findLast(({ lsn }) => lsn <= replica.lsn);
  return reached === undefined ? Number.POSITIVE_INFINITY : now - reached.at;
}

/** A standby breaks off a statement that stands in the way of what it must replay. */
const isRecoveryConflict = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01');

/** @throws Fault CONFIG_INVALID: it names several hosts, of which each connection would look for the primary */
export function checkReplicaUrl(url: string): void {
  if (addressOf(url).urls.length === 1) return;
  throw new Fault(
    'CONFIG_INVALID',
    'POSTGRES_REPLICA_URL names several hosts; name one, or a balancer before them',
  );
}
