/** Every generated page: where it lies, and how it is made from the code and what is written by hand around it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DASHBOARDS } from '../dashboards/dashboards.ts';
import { grafanaFile } from '../dashboards/grafana.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { configurationPage } from './configuration.ts';
import { costPage } from './cost.ts';
import { decisionsTable } from './decisions.ts';
import { eventsPage } from './events.ts';
import { failuresPage } from './failures.ts';
import { faultsPage } from './faults.ts';
import { lifecycleDiagram, lifecycleTable } from './lifecycle.ts';
import { withSection } from './markdown.ts';
import { metricsPage } from './metrics.ts';
import { openApiDocument } from './openapi.ts';

export interface Page {
  /** From the project's root. */
  readonly path: string;
  /** What the code says must stand there. */
  readonly make: (root: string) => string | Promise<string>;
}

export const PAGES: readonly Page[] = [
  { path: 'docs/events.md', make: eventsPage },
  { path: 'docs/faults.md', make: faultsPage },
  { path: 'docs/configuration.md', make: configurationPage },
  { path: 'docs/metrics.md', make: metricsPage },
  { path: 'docs/openapi.json', make: openApiDocument },
  { path: 'docs/asyncapi.json', make: asyncApiDocument },
  { path: 'docs/life-of-an-order.md', make: lifeOfAnOrder },
  { path: 'docs/decisions/README.md', make: decisions },
  { path: 'docs/operations/failures.md', make: failuresPage },
  { path: 'docs/operations/cost.md', make: costPage },
  ...DASHBOARDS.map(({ file, dashboard }) => ({ path: file, make: () => grafanaFile(dashboard) })),
];

/** What a decision is, is written by hand; which there are, is read from them. */
function decisions(root: string): string {
  return withSection(textOf(root, 'docs/decisions/README.md'), 'decisions', decisionsTable(root));
}

function textOf(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The story is written by hand; its table and its picture are the code's. */
function lifeOfAnOrder(root: string): string {
  const page = textOf(root, 'docs/life-of-an-order.md');
  return withSection(withSection(page, 'lifecycle', lifecycleTable()), 'picture', lifecycleDiagram());
}
