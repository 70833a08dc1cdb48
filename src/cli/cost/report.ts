/** An estimate as people read it: what arrives, what runs, what is kept, and what it costs. */
import { totalOf } from './bill.ts';
import type { Estimate, Stand } from './estimate.ts';
import { FACTS_AN_ORDER } from './measured.ts';
import { READERS_FACTOR, UTILISATION_MAX } from './nodes.ts';
import type { PriceList } from './prices.ts';

export function reportOf(estimate: Estimate, prices: PriceList | undefined): string {
  const sections = [
    arrivals(estimate),
    nodes(estimate),
    kept(estimate),
    bill(estimate, prices),
    notes(estimate),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function arrivals({ workload, traffic }: Estimate): readonly string[] {
  const { ordersADay, hoursADay, peakFactor } = workload;
  return [
    `${whole(ordersADay)} orders a day, in ${hoursADay} hours: ` +
      `${figure(traffic.mean)} a second, ${figure(traffic.peak)} in the busiest one (× ${peakFactor})`,
  ];
}

function nodes({ nodes: { parts, shardsMin } }: Estimate): readonly string[] {
  const rows = parts.map(({ name, processes, cores, memoryGb, utilisation }) => [
    name,
    String(processes),
    String(cores),
    figure(memoryGb),
    utilisation === undefined ? 'not measured' : `${figure(100 * utilisation)} %`,
  ]);
  const sum = parts.reduce((total, { processes, cores }) => total + processes * cores, 0);
  return [
    ...columns([['part', 'processes', 'cores each', 'GB each', 'busy'], ...rows]),
    `${sum} cores in all; at least ${shardsMin} ${shardsMin === 1 ? 'shard' : 'shards'}`,
  ];
}

function kept({ stands }: Estimate): readonly string[] {
  const row = (what: string, of: (stand: Stand) => string): readonly string[] => [what, ...stands.map(of)];
  return columns([
    row('kept', ({ days }) => `${whole(days)} days`),
    row('journal, GB', ({ volumes }) => figure(volumes.journalGb)),
    row('views, GB', ({ volumes }) => figure(volumes.viewsGb)),
    row('disk of each PostgreSQL, GB', ({ volumes }) => figure(volumes.postgresDiskGb)),
    row('of it, while a drill runs, GB', ({ volumes }) =>
      figure(volumes.drillDiskGb > 0 ? 0 : volumes.drillGb),
    ),
    row("disk of the drills' own server, GB", ({ volumes }) => figure(volumes.drillDiskGb)),
    row('disk of each broker, GB', ({ volumes }) => figure(volumes.kafkaDiskGb)),
    row('backups', ({ volumes }) => whole(volumes.backups)),
    row('all of them, GB', ({ volumes }) => figure(volumes.backupsGb)),
    row('log archive and base copies, GB', ({ volumes }) => figure(volumes.archiveGb)),
    row('between zones, GB a month', ({ volumes }) => figure(volumes.betweenZonesGb)),
    row('out of the house, GB a month', ({ volumes }) => figure(volumes.outGb)),
    row('a backup takes', ({ backupTakes }) => duration(backupTakes)),
    row('to trade again from one', ({ restoreTakes }) => duration(restoreTakes)),
    row('… with all views', ({ viewsTake }) => duration(viewsTake)),
  ]);
}

function bill({ stands }: Estimate, prices: PriceList | undefined): readonly string[] {
  const bills = stands.flatMap((stand) => (stand.bill === undefined ? [] : [stand.bill]));
  const first = bills[0];
  if (first === undefined || prices === undefined) return ['no bill: give your prices with --prices FILE'];
  return columns([
    [`${prices.currency} a month`, ...stands.map(({ days }) => `${whole(days)} days`)],
    ...first.map(({ what }, i) => [what, ...bills.map((lines) => figure(lines[i]?.amount ?? 0))]),
    ['in all', ...bills.map((lines) => figure(totalOf(lines)))],
  ]);
}

function notes({ warnings }: Estimate): readonly string[] {
  return [
    `Sized so that the busiest second leaves ${100 * (1 - UTILISATION_MAX)} % of the cores idle; readers for ${READERS_FACTOR} × the mean. ` +
      `An order is ${FACTS_AN_ORDER} facts.`,
    'Nothing deletes the journal: it grows past these days.',
    ...warnings.map((warning) => `Warning: ${warning}.`),
  ];
}

/** The first column to the left, figures to the right. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const pad = (cell: string, i: number): string =>
    i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0);
  return rows.map((row) => row.map(pad).join('   ').trimEnd());
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Three digits that matter; whole from a hundred on. */
function figure(value: number): string {
  if (value >= 100) return whole(value);
  return String(Number(value.toPrecision(3)));
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function duration(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${figure(seconds)} s`;
  if (seconds < 2 * HOUR) return `${figure(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${figure(seconds / HOUR)} h`;
  return `${figure(seconds / DAY)} days`;
}
