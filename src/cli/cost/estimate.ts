/** The whole estimate: from orders a day to nodes, bytes, times and a bill. Pure, so that a page can show what it says. */
import { type BillLine, billOf } from './bill.ts';
import { FACTS_AN_ORDER, MEASURED } from './measured.ts';
import { type Nodes, nodesFor } from './nodes.ts';
import type { PriceList } from './prices.ts';
import { ordersIn, type Traffic, trafficOf, type Workload } from './traffic.ts';
import { type Volumes, volumesAfter } from './volumes.ts';

/** How things stand once so many days are kept. */
export interface Stand {
  /** Calendar days. */
  readonly days: number;
  readonly volumes: Volumes;
  /** Seconds. */
  readonly backupTakes: number;
  /** Seconds until a verified state stands that could trade, from a backup. */
  readonly restoreTakes: number;
  /** Seconds until the views are there again; trading does not wait for them. */
  readonly viewsTake: number;
  /** Undefined without prices. */
  readonly bill: readonly BillLine[] | undefined;
}

export interface Estimate {
  readonly workload: Workload;
  readonly traffic: Traffic;
  readonly nodes: Nodes;
  /** After the first month, the first year, and the whole retention. */
  readonly stands: readonly Stand[];
  /** What the operator must know before believing the rest. */
  readonly warnings: readonly string[];
}

const MONTH = 30;
const YEAR = 365;
const MILLION = 1e6;
const SECONDS_AN_HOUR = 3_600;
/** More cores than this are no usual server: shards go to several (docs/operations/capacity.md). */
const POSTGRES_CORES_MAX = 32;

export function estimate(workload: Workload, prices: PriceList | undefined): Estimate {
  const traffic = trafficOf(workload);
  const nodes = nodesFor(workload, traffic);
  const { retentionDays } = workload;
  const days = [...new Set([MONTH, YEAR, retentionDays].filter((each) => each <= retentionDays))];
  const stands = days.map((each) => standAfter(each, workload, nodes, prices));
  return { workload, traffic, nodes, stands, warnings: warningsOf(workload, nodes, stands) };
}

function standAfter(days: number, workload: Workload, nodes: Nodes, prices: PriceList | undefined): Stand {
  const volumes = volumesAfter(days, workload);
  const factsOf = (kept: number): number => (FACTS_AN_ORDER * ordersIn(kept, workload)) / MILLION;
  return {
    days,
    volumes,
    backupTakes: MEASURED.backupTakes.value * factsOf(days),
    restoreTakes: MEASURED.restoreTakes.value * factsOf(days),
    viewsTake: MEASURED.viewsTake.value * factsOf(days),
    bill: prices === undefined ? undefined : billOf(nodes, volumes, prices),
  };
}

function warningsOf({ backupEvery }: Workload, nodes: Nodes, stands: readonly Stand[]): readonly string[] {
  const warnings: string[] = [];
  const tooLong = stands.find(({ backupTakes }) => backupTakes > backupEvery * SECONDS_AN_HOUR);
  if (tooLong !== undefined) {
    warnings.push(
      `within ${tooLong.days} days a backup of the whole journal takes longer than from one to the next: ` +
        'take it less often (--backup-every), and lean on standbys and the archived log',
    );
  }
  const postgres = nodes.parts.find(({ name }) => name === 'postgres');
  if (postgres !== undefined && postgres.cores > POSTGRES_CORES_MAX) {
    warnings.push(
      `PostgreSQL would want ${postgres.cores} cores: spread the shards over several servers (capacity.md)`,
    );
  }
  return warnings;
}
