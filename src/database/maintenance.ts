/** What became of backups, drills and proofs: written by the tools as they begin and end, read by whoever shows it. */
import type pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { isHeld } from './run-hold.ts';

/** `verify` proves the journals themselves; `checkpoints` holds them against what was signed about them. */
export const KINDS = ['backup', 'drill', 'verify', 'checkpoints'] as const;
export type MaintenanceKind = (typeof KINDS)[number];
export type MaintenanceEnd = 'good' | 'failed' | 'interrupted';

export interface MaintenanceRun {
  readonly id: string;
  readonly kind: MaintenanceKind;
}

export interface MaintenanceOf {
  readonly kind: MaintenanceKind;
  /** Of the newest run that is known to have ended, or that nobody is left to end. */
  readonly isGood: boolean;
  /** When it ended; of one that never did, when it began. Seconds since 1970. */
  readonly atSeconds: number;
  /** When the last good one ended, in seconds since 1970; undefined: there is none. */
  readonly lastGoodAtSeconds: number | undefined;
}

export interface Maintenance {
  /** Those that were ever done. */
  readonly kinds: readonly MaintenanceOf[];
  /** By the last good drill; undefined: there is none, or it could not say. */
  readonly rpoSeconds: number | undefined;
  readonly rtoSeconds: number | undefined;
}

export const newRun = (kind: MaintenanceKind): MaintenanceRun => ({ id: uuidv7(), kind });

const WRITE = 'insert into maintenance_runs (id, kind, outcome, figures) values ($1, $2, $3, $4)';

/** From here on it counts as failed once it is not held and has not ended: take its hold first. @throws whatever PostgreSQL says */
export async function beginRun(pool: Pick<pg.Pool, 'query'>, { id, kind }: MaintenanceRun): Promise<void> {
  await pool.query(WRITE, [id, kind, 'begun', '{}']);
}

/** For good, and once: nothing is ever taken back. Undefined figures are left out. @throws whatever PostgreSQL says */
export async function endRun(
  pool: Pick<pg.Pool, 'query'>,
  { id, kind }: MaintenanceRun,
  outcome: MaintenanceEnd,
  figures: Readonly<Record<string, unknown>>,
): Promise<void> {
  await pool.query(WRITE, [id, kind, outcome, JSON.stringify(figures)]);
}

/** Those that have begun and not ended, and that nobody holds. */
const READ_LOST = `
  select id from maintenance_runs as run
  where outcome = 'begun' and not ${isHeld('run.id')} and not exists (
    select from maintenance_runs as other where other.id = run.id and other.outcome <> 'begun')`;
/** One that has begun and not ended is under way, and says nothing yet, unless it is lost. */
const READ = `
  with runs as (
    select distinct on (id) id, kind, outcome, at from maintenance_runs order by id, outcome = 'begun'
  ), known as (
    select * from runs where outcome <> 'begun' or id = any($1)
  )
  select kind,
    (array_agg(outcome order by at desc, id desc))[1] = 'good' as "isGood",
    extract(epoch from max(at))::float8 as at,
    extract(epoch from max(at) filter (where outcome = 'good'))::float8 as "lastGoodAt"
  from known group by kind order by kind`;
const READ_DRILL = `
  select (figures->>'rpo_seconds')::float8 as rpo, (figures->>'rto_seconds')::float8 as rto
  from maintenance_runs where kind = 'drill' and outcome = 'good' order by at desc, id desc limit 1`;

interface KindRow {
  readonly kind: MaintenanceKind;
  readonly isGood: boolean;
  readonly at: number;
  readonly lastGoodAt: number | null;
}

/**
 * Who is lost is asked first. A statement sees the rows of its beginning and the locks of a moment later: a run that ends
 * between the two looks lost. Its end is there before its lock is free, so the statement that follows sees it.
 * @throws whatever PostgreSQL says
 */
export async function readMaintenance(pool: Pick<pg.ClientBase, 'query'>): Promise<Maintenance> {
  const lost = await pool.query<{ id: string }>(READ_LOST);
  const { rows } = await pool.query<KindRow>(READ, [lost.rows.map(({ id }) => id)]);
  const drills = await pool.query<{ rpo: number | null; rto: number | null }>(READ_DRILL);
  const [drill] = drills.rows;
  return {
    kinds: rows.map(({ kind, isGood, at, lastGoodAt }) => ({
      kind,
      isGood,
      atSeconds: at,
      lastGoodAtSeconds: lastGoodAt ?? undefined,
    })),
    rpoSeconds: drill?.rpo ?? undefined,
    rtoSeconds: drill?.rto ?? undefined,
  };
}
