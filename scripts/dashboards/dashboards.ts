/** Every dashboard there is, with its file for Grafana and its picture for the pages. */
import type { Dashboard } from './dashboard.ts';
import { PLATFORM } from './platform.ts';
import { RISK } from './risk.ts';
import { TRADING } from './trading.ts';

export interface Kept {
  readonly dashboard: Dashboard;
  /** From the project's root. */
  readonly file: string;
  readonly picture: string;
}

const kept = (name: string, dashboard: Dashboard): Kept => ({
  dashboard,
  file: `deploy/grafana/dashboards/${name}.json`,
  picture: `docs/operations/dashboards/${name}.svg`,
});

export const DASHBOARDS: readonly Kept[] = [
  kept('trading', TRADING),
  kept('risk', RISK),
  kept('platform', PLATFORM),
];
