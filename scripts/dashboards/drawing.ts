/** Asks a Prometheus for all that the dashboards show in a span of time, and draws each into its picture. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Line, linesOf } from './answers.ts';
import { type Dashboard, type Panel, panelsOf, plainQuery } from './dashboard.ts';
import { DASHBOARDS } from './dashboards.ts';
import { STARTS } from './grafana.ts';
import { picture } from './picture.ts';
import type { Prometheus, Span } from './prometheus.ts';

/** Points of a line: finer than the picture, and the file stays small. */
const POINTS = 150;
/** Rates are over four scrapes at least, as Grafana has it, and over no less than four points. */
const STEPS_OF_A_RATE = 4;

/** From `from` to `to`, in seconds. */
export const spanOf = (from: number, to: number): Span => {
  const step = Math.max(1, Math.ceil((to - from) / POINTS));
  return { from: Math.ceil(from / step) * step, to, step };
};

export const windowOf = ({ step }: Span, scrapeSeconds: number): string =>
  `${STEPS_OF_A_RATE * Math.max(step, scrapeSeconds)}s`;

export async function answersOf(
  dashboard: Dashboard,
  prometheus: Prometheus,
  span: Span,
  window: string,
): Promise<ReadonlyMap<Panel, readonly Line[]>> {
  const answers = new Map<Panel, readonly Line[]>();
  for (const panel of panelsOf(dashboard)) {
    answers.set(panel, await linesOf(panel, prometheus, span, window));
  }
  return answers;
}

/** Writes the pictures below `root`; resolves with their paths. */
export async function drawAll(
  prometheus: Prometheus,
  span: Span,
  scrapeSeconds: number,
  root: string,
): Promise<readonly string[]> {
  const starts = await startsWithin(prometheus, span);
  for (const { dashboard, picture: path } of DASHBOARDS) {
    const lines = await answersOf(dashboard, prometheus, span, windowOf(span, scrapeSeconds));
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), picture({ dashboard, lines, span, starts }));
  }
  return DASHBOARDS.map(({ picture: path }) => path);
}

/** When processes started within `span`, each once. */
async function startsWithin(prometheus: Prometheus, span: Span): Promise<readonly number[]> {
  const series = await prometheus.range(plainQuery(STARTS, windowOf(span, 1)), span);
  const moments = new Set(series.flatMap(({ points }) => points.map(([, value]) => Math.round(value))));
  return [...moments].filter((at) => at > span.from && at < span.to).sort((a, b) => a - b);
}
