/** What became of backups, drills and verifications: written by the tools, read by whoever shows it. */
import type pg from 'pg';
import { uuidv7 } from 'uuidv7';

export const KINDS = ['backup', 'drill', 'verify'] as const;
export type MaintenanceKind = (typeof KINDS)[number];

export interface MaintenanceRun {
  readonly kind: MaintenanceKind;
  readonly startedAt: Date;
  readonly isGood: boolean;
  /** What it came to; undefined values are left out. */
  readonly figures: Readonly<Record<string, unknown>>;
}

export interface MaintenanceOf {
  readonly kind: MaintenanceKind;
  /** The newest one. */
  readonly isGood: boolean;
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

const WRITE = `
  insert into maintenance_runs (id, kind, started_at, ended_at, outcome, figures)
  values ($1, $2, $3, greatest($3, clock_timestamp()), $4, $5)`;

/** For good: nothing is ever taken back. @throws whatever PostgreSQL says */
export async function recordMaintenance(pool: Pick<pg.Pool, 'query'>, run: MaintenanceRun): Promise<void> {
  const { kind, startedAt, isGood, figures } = run;
  await pool.query(WRITE, [uuidv7(), kind, startedAt, isGood ? 'good' : 'failed', JSON.stringify(figures)]);
}

const READ = `
  select kind,
    (array_agg(outcome order by ended_at desc, id desc))[1] = 'good' as "isGood",
    extract(epoch from max(ended_at) filter (where outcome = 'good'))::float8 as "lastGoodAt"
  from maintenance_runs group by kind order by kind`;
const READ_DRILL = `
  select (figures->>'rpo_seconds')::float8 as rpo, (figures->>'rto_seconds')::float8 as rto
  from maintenance_runs where kind = 'drill' and outcome = 'good' order by ended_at desc, id desc limit 1`;

interface KindRow {
  readonly kind: MaintenanceKind;
  readonly isGood: boolean;
  readonly lastGoodAt: number | null;
}

/** @throws whatever PostgreSQL says */
export async function readMaintenance(pool: Pick<pg.Pool, 'query'>): Promise<Maintenance> {
  const { rows } = await pool.query<KindRow>(READ);
  const drills = await pool.query<{ rpo: number | null; rto: number | null }>(READ_DRILL);
  const [drill] = drills.rows;
  return {
    kinds: rows.map(({ kind, isGood, lastGoodAt }) => ({
      kind,
      isGood,
      lastGoodAtSeconds: lastGoodAt ?? undefined,
    })),
    rpoSeconds: drill?.rpo ?? undefined,
    rtoSeconds: drill?.rto ?? undefined,
  };
}
