/** `itirp cost`: from orders a day to machines, bytes and, with a price list of the operator's own, a bill. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { messageOf } from '../../database/outage.ts';
import { Fault } from '../../faults/fault.ts';
import { estimate } from '../cost/estimate.ts';
import { type PriceList, priceListFrom } from '../cost/prices.ts';
import { reportOf } from '../cost/report.ts';

interface Flags {
  readonly ordersPerDay: number;
  readonly peakFactor: number;
  readonly hours: number;
  readonly retentionDays: number;
  readonly viewDays: number;
  readonly backupEvery: number;
  readonly backupKeepDays: number;
  readonly drillScratch?: boolean;
  readonly prices?: string;
  readonly json?: boolean;
}

/** Of firms that write down what they saw: the open and the close, not a crash. */
const PEAK_FACTOR = 10;
/** An exchange of shares, from 9:30 to 16:00. */
const HOURS_A_DAY = 6.5;
/** Seven years: what a broker's books are kept. */
const RETENTION_DAYS = 2_557;
const VIEW_DAYS = 90;
/** As the timers and the containers take and keep them. The chart takes one each quarter of an hour. */
const BACKUP_EVERY_HOURS = 1;
const BACKUP_KEEP_DAYS = 30;

export const costCommand = (): Command =>
  new Command('cost')
    .description('estimate machines, storage, network and a month’s cost from orders a day')
    .requiredOption('--orders-per-day <n>', 'orders of one trading day', numberFrom(0, 1e12))
    .option('--peak-factor <n>', 'busiest second over the mean one', numberFrom(1, 1e4), PEAK_FACTOR)
    .option('--hours <n>', 'hours of trading a day', numberFrom(0.1, 24), HOURS_A_DAY)
    .option('--retention-days <n>', 'days that the journal goes back', numberFrom(1, 36_500), RETENTION_DAYS)
    .option(
      '--view-days <n>',
      'days of events in SQL (EVENTS_KEEP_DAYS); 0: all',
      numberFrom(0, 36_500),
      VIEW_DAYS,
    )
    .option('--backup-every <hours>', 'hours between backups', numberFrom(0.1, 8_760), BACKUP_EVERY_HOURS)
    .option(
      '--backup-keep-days <n>',
      'days that backups are kept (BACKUP_KEEP_DAYS); 0: all',
      numberFrom(0, 36_500),
      BACKUP_KEEP_DAYS,
    )
    .option('--drill-scratch', 'drills have a server of their own (DRILL_SCRATCH_URL)')
    .option('--prices <file>', 'your price list, made like deploy/prices.example.json')
    .option('--json', 'print the estimate as JSON')
    .action((flags: Flags) => {
      const { prices: file, json: isJson, ordersPerDay: ordersADay, hours: hoursADay, ...rest } = flags;
      const prices = file === undefined ? undefined : pricesIn(file);
      const { peakFactor, retentionDays, viewDays, backupEvery, backupKeepDays } = rest;
      const backups = { backupEvery, backupKeepDays, drillsElsewhere: rest.drillScratch === true };
      const workload = { ordersADay, peakFactor, hoursADay, retentionDays, viewDays, ...backups };
      const made = estimate(workload, prices);
      console.log(isJson === true ? JSON.stringify({ ...made, prices }) : reportOf(made, prices));
    });

/** A plain number within bounds; underscores and commas may part its thousands. */
function numberFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text.replaceAll(/[_,](?=\d{3})/g, ''));
    if (/^[\d_,.]+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is a number from ${least} to ${most}.`);
  };
}

function pricesIn(file: string): PriceList {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Fault('ARGUMENT_INVALID', `--prices: ${messageOf(error)}`, { cause: error });
  }
  return priceListFrom(text);
}
