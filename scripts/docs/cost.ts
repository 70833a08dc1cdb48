/** docs/operations/cost.md: how the cost model reckons is written by hand; its figures and its examples are the model's own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { estimate } from '../../src/cli/cost/estimate.ts';
import { MEASURED } from '../../src/cli/cost/measured.ts';
import { priceListFrom } from '../../src/cli/cost/prices.ts';
import { reportOf } from '../../src/cli/cost/report.ts';
import type { Workload } from '../../src/cli/cost/traffic.ts';
import { code, table, withSection } from './markdown.ts';

const PAGE = 'docs/operations/cost.md';
const PRICES = 'deploy/prices.example.json';

interface Example {
  readonly title: string;
  readonly workload: Workload;
}

/** As the command's own defaults have it, with drills where production has them; only the orders differ. */
const withOrders = (ordersADay: number): Workload => ({
  ordersADay,
  peakFactor: 10,
  hoursADay: 6.5,
  retentionDays: 2_557,
  viewDays: 90,
  backupEvery: 1,
  backupKeepDays: 30,
  drillsElsewhere: true,
});

const EXAMPLES: readonly Example[] = [
  { title: 'A desk', workload: withOrders(10_000) },
  { title: 'A broker', workload: withOrders(1_000_000) },
  { title: 'A house of many desks', workload: withOrders(20_000_000) },
];

export function costPage(root: string): string {
  const page = readFileSync(join(root, PAGE), 'utf8');
  const prices = priceListFrom(readFileSync(join(root, PRICES), 'utf8'));
  const examples = EXAMPLES.map(({ title, workload }) =>
    [
      `### ${title}\n`,
      '```',
      `$ npx itirp cost --orders-per-day ${workload.ordersADay} --drill-scratch --prices ${PRICES}`,
      reportOf(estimate(workload, prices), prices),
      '```',
    ].join('\n'),
  );
  return withSection(withSection(page, 'measured', measuredTable()), 'examples', examples.join('\n\n'));
}

const measuredTable = (): string =>
  table(
    ['what', 'for an order', 'source'],
    Object.entries(MEASURED).map(([name, { value, unit, source }]) => [
      code(name),
      `${value.toLocaleString('en-US')} ${unit === 's' ? 's a million facts' : unit}`,
      source,
    ]),
  );
