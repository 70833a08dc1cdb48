/** What a panel shows: its queries, asked of a real Prometheus, each answer a line with a name. */
import { type Panel, plainQuery } from './dashboard.ts';
import type { Prometheus, Series, Span } from './prometheus.ts';

/** A line of a panel: its name as the legend says it, and its points in time. */
export interface Line {
  readonly name: string;
  readonly points: Series['points'];
}

/** In the order of the queries, and by name within one: the same lines get the same colours again. */
export async function linesOf(
  panel: Panel,
  prometheus: Prometheus,
  span: Span,
  window: string,
): Promise<readonly Line[]> {
  const answers = await Promise.all(
    panel.queries.map(async ({ expr, legend }) => {
      const series = await prometheus.range(plainQuery(expr, window), span);
      const lines = series.map(({ labels, points }) => ({ name: nameOf(legend, labels), points }));
      return lines.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    }),
  );
  return answers.flat();
}

/** `{{label}}` becomes that label's value. What is left of a name without labels is `none`. */
export function nameOf(legend: string, labels: Readonly<Record<string, string>>): string {
  const name = legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '').trim();
  return name === '' && legend !== '' ? 'none' : name;
}

/** The newest value there is; undefined where there is none. */
export function newest({ points }: Line): number | undefined {
  return points.findLast(([, value]) => Number.isFinite(value))?.[1];
}
