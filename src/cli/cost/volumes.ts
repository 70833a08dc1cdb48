/** Orders as bytes: on the servers' disks, in object storage, between zones and out of the house. */
import { MEASURED } from './measured.ts';
import { ordersIn, TRADING_DAYS_A_MONTH, type Workload } from './traffic.ts';

/** How long is kept what is not the journal. */
export interface Keeping {
  /** Days of archived log, and base copies over them. */
  readonly archiveDays: number;
  /** Base copies of the whole database that are kept. */
  readonly baseCopies: number;
}

/** A nightly base copy and a week of log. */
export const KEEPING: Keeping = { archiveDays: 7, baseCopies: 2 };

/** Gigabytes (10^9 bytes). */
export interface Volumes {
  /** The one database: its journal. */
  readonly journalGb: number;
  /** The one database: everything else of it. */
  readonly viewsGb: number;
  /** While a drill runs: the journal once more, and all of its views, whatever `EVENTS_KEEP_DAYS` lets go. */
  readonly drillGb: number;
  /** The disk of each PostgreSQL server: the database, a drill where it is in there, the log, and room. */
  readonly postgresDiskGb: number;
  /** The disk of the server that drills have for themselves; 0: none. */
  readonly drillDiskGb: number;
  /** The disk of each broker. */
  readonly kafkaDiskGb: number;
  /** Backups that are kept: none is thinned out. */
  readonly backups: number;
  /** All of them: each is of the whole journal, as it was then. */
  readonly backupsGb: number;
  readonly archiveGb: number;
  /** A month: the log to each standby, and each message to two further brokers. */
  readonly betweenZonesGb: number;
  /** A month: the answers to the orders. What clients read beside that, and streams, come on top. */
  readonly outGb: number;
}

const STANDBYS = 2;
const COPIES_TO_OTHER_BROKERS = 2;
/** src/bus/topics.ts: what the topics keep. */
const TOPIC_DAYS = 7;
/** deploy/postgres/itirp.conf: max_wal_size. */
const LOG_ON_DISK_GB = 8;
/** A disk is bought with this much more than is on it. */
const ROOM = 1.3;
const BYTES_A_GB = 1e9;
const HOURS_A_DAY = 24;

const gigabytes = (orders: number, bytesAnOrder: number): number => (orders * bytesAnOrder) / BYTES_A_GB;

/** What there is once `daysKept` calendar days have passed: less than the retention in the first years. */
export function volumesAfter(daysKept: number, workload: Workload, keeping: Keeping = KEEPING): Volumes {
  const { journal, passing, orders: rows, log, backup } = MEASURED;
  const { commandOnBus, newsOnBus, answerAtDoor } = MEASURED;
  const days = Math.min(daysKept, workload.retentionDays);
  const orders = ordersIn(days, workload);
  const viewDays = workload.viewDays === 0 ? days : Math.min(days, workload.viewDays);
  const backupDays = Math.min(days, workload.backupKeepDays || days);
  const backups = (backupDays * HOURS_A_DAY) / workload.backupEvery;
  const ordersInBackup = ordersIn(days - backupDays / 2, workload); // in the mean: the oldest is smaller, the newest larger
  const journalGb = gigabytes(orders, journal.value);
  const viewsGb = gigabytes(orders, rows.value) + gigabytes(ordersIn(viewDays, workload), passing.value);
  const drillGb = journalGb + gigabytes(orders, rows.value + passing.value);
  const inLiveGb = workload.drillsElsewhere ? 0 : drillGb;
  const messages = commandOnBus.value + newsOnBus.value;
  const aMonth = TRADING_DAYS_A_MONTH * workload.ordersADay;
  const archived = gigabytes(ordersIn(Math.min(days, keeping.archiveDays), workload), log.value);
  return {
    journalGb,
    viewsGb,
    drillGb,
    postgresDiskGb: (journalGb + viewsGb + inLiveGb + LOG_ON_DISK_GB) * ROOM,
    drillDiskGb: workload.drillsElsewhere ? (drillGb + LOG_ON_DISK_GB) * ROOM : 0,
    kafkaDiskGb: gigabytes(ordersIn(Math.min(days, TOPIC_DAYS), workload), messages) * ROOM,
    backups,
    backupsGb: backups * gigabytes(ordersInBackup, backup.value),
    archiveGb: archived + keeping.baseCopies * (journalGb + viewsGb),
    betweenZonesGb: gigabytes(aMonth, STANDBYS * log.value + COPIES_TO_OTHER_BROKERS * messages),
    outGb: gigabytes(aMonth, answerAtDoor.value),
  };
}
