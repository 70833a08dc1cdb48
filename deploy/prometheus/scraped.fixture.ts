/** What a Prometheus that scrapes the real thing must come to: all targets up, all rules well, every panel with data. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Panel, panelsOf, plainQuery } from '../../scripts/dashboards/dashboard.ts';
import { DASHBOARDS } from '../../scripts/dashboards/dashboards.ts';
import type { Prometheus } from '../../scripts/dashboards/prometheus.ts';

const PATIENCE_MS = 60_000;
/** Rates over so long have some scrapes in them, one a second. */
const WINDOW = '10s';
const SEEN_SECONDS = 30;

/** Those that are not up, or not scraped yet, with what Prometheus says of them; `count` there must be. */
export async function targetsDown(prometheus: Prometheus, count: number): Promise<readonly string[]> {
  const targets = await prometheus.targets();
  if (targets.length !== count) return [`there are ${targets.length} targets, not ${count}`];
  return targets
    .filter(({ health }) => health !== 'up')
    .map(({ job, instance, lastError }) => `${job} ${instance}: ${lastError}`);
}

/** Rules whose expression failed when Prometheus last reckoned them. */
export async function rulesBroken(prometheus: Prometheus): Promise<readonly string[]> {
  return (await prometheus.rules()).filter(({ health }) => health !== 'ok').map(({ name }) => name);
}

/** Queries of panels without a single number in the last half minute; those for which `lacks` are not asked. */
async function emptyQueries(
  prometheus: Prometheus,
  lacks: readonly Panel['needs'][],
): Promise<readonly string[]> {
  const to = Math.floor(Date.now() / 1000);
  const span = { from: to - SEEN_SECONDS, to, step: 1 };
  const empty: string[] = [];
  for (const { dashboard } of DASHBOARDS) {
    for (const { title, queries, needs } of panelsOf(dashboard)) {
      if (needs !== undefined && lacks.includes(needs)) continue;
      for (const { expr } of queries) {
        const series = await prometheus.range(plainQuery(expr, WINDOW), span);
        const hasNumber = series.some(({ points }) => points.some(([, value]) => Number.isFinite(value)));
        if (!hasNumber) empty.push(`${dashboard.title}, ${title}: ${expr}`);
      }
    }
  }
  return empty;
}

/** The queries that stay without data, however long one waits: none, where all is well. */
export async function panelsWithoutData(
  prometheus: Prometheus,
  lacks: readonly Panel['needs'][],
): Promise<readonly string[]> {
  return await patiently(() => emptyQueries(prometheus, lacks));
}

/** Asks until nothing is found, or patience is at its end; what is found then. */
export async function patiently(find: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await find();
    if (found.length === 0 || performance.now() > deadline) return found;
    await sleep(500);
  }
}
