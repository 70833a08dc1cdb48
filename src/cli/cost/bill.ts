/** Nodes and volumes times prices: what a month costs. */
import type { Nodes } from './nodes.ts';
import type { PriceList } from './prices.ts';
import type { Volumes } from './volumes.ts';

export interface BillLine {
  readonly what: string;
  /** Of the price list's currency, for a month. */
  readonly amount: number;
}

/** 365 days × 24 hours, by twelve. */
export const HOURS_A_MONTH = 730;

export function billOf(nodes: Nodes, volumes: Volumes, prices: PriceList): readonly BillLine[] {
  const sum = (amountOf: (part: Nodes['parts'][number]) => number): number =>
    nodes.parts.reduce((total, part) => total + part.processes * amountOf(part), 0);
  const count = (name: string): number => nodes.parts.find((part) => part.name === name)?.processes ?? 0;
  const databasesGb = count('postgres') * volumes.postgresDiskGb + volumes.drillDiskGb;
  const diskGb = databasesGb + count('kafka') * volumes.kafkaDiskGb;
  return [
    { what: 'cores', amount: sum(({ cores }) => cores) * HOURS_A_MONTH * prices.coreHour },
    { what: 'memory', amount: sum(({ memoryGb }) => memoryGb) * HOURS_A_MONTH * prices.memoryGbHour },
    { what: 'disks', amount: diskGb * prices.diskGbMonth },
    { what: 'backups', amount: volumes.backupsGb * prices.objectGbMonth },
    { what: 'log archive', amount: volumes.archiveGb * prices.objectGbMonth },
    { what: 'between zones', amount: volumes.betweenZonesGb * prices.betweenZonesGb },
    { what: 'out of the house', amount: volumes.outGb * prices.outGb },
  ];
}

export const totalOf = (lines: readonly BillLine[]): number =>
  lines.reduce((sum, { amount }) => sum + amount, 0);
