/** Orders a day as rates: what the machines have to carry, and what the disks have to keep. */

/** What the operator says of the firm's day. */
export interface Workload {
  /** Orders of one trading day, all shards together. */
  readonly ordersADay: number;
  /** The busiest second, as a multiple of the session's mean second. */
  readonly peakFactor: number;
  /** Hours of trading a day. */
  readonly hoursADay: number;
  /** Calendar days that the journal and its backups go back. */
  readonly retentionDays: number;
  /** Calendar days that events and executions stay in SQL (EVENTS_KEEP_DAYS); 0: as long as the journal. */
  readonly viewDays: number;
  /** Hours from one backup (`itirp backup`) to the next. */
  readonly backupEvery: number;
  /** Calendar days that a backup is kept (BACKUP_KEEP_DAYS); 0: as long as the journal. */
  readonly backupKeepDays: number;
  /** Drills have a server of their own (DRILL_SCRATCH_URL); else they fill the live one and each standby. */
  readonly drillsElsewhere: boolean;
}

export interface Traffic {
  /** Orders a second over the session. */
  readonly mean: number;
  /** Orders in the busiest second. */
  readonly peak: number;
}

const SECONDS_AN_HOUR = 3_600;
/** A year of an exchange: what calendar days are in trading days. */
const TRADING_DAYS_A_YEAR = 252;
const DAYS_A_YEAR = 365;
/** Of the bill. */
export const TRADING_DAYS_A_MONTH = TRADING_DAYS_A_YEAR / 12;

export function trafficOf({ ordersADay, peakFactor, hoursADay }: Workload): Traffic {
  const mean = ordersADay / (hoursADay * SECONDS_AN_HOUR);
  return { mean, peak: mean * peakFactor };
}

/** Orders that there are once `days` calendar days are kept. */
export const ordersIn = (days: number, { ordersADay }: Pick<Workload, 'ordersADay'>): number =>
  (ordersADay * days * TRADING_DAYS_A_YEAR) / DAYS_A_YEAR;
