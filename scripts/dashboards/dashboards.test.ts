import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ALERTS, RECORDED } from '../../deploy/prometheus/rule-files.fixture.ts';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import { linesOf, nameOf } from './answers.ts';
import { panelsOf, plainQuery } from './dashboard.ts';
import { DASHBOARDS } from './dashboards.ts';
import { spanOf, windowOf } from './drawing.ts';
import { grafanaFile } from './grafana.ts';
import { COLUMNS, placed } from './grid.ts';
import { picture } from './picture.ts';
import { Prometheus } from './prometheus.ts';
import { linear, logarithmic, momentsBetween } from './scale.ts';
import { escaped } from './svg.ts';
import { format } from './units.ts';

const PANELS = DASHBOARDS.flatMap(({ dashboard }) => panelsOf(dashboard));
const QUERIES = PANELS.flatMap(({ queries }) => queries.map(({ expr }) => expr));

describe('what is asked for', () => {
  const { instruments, registry } = openMetrics();
  const own = new Map(instruments.map(({ name, labels, type }) => [name, { labels, type }]));
  const others = new Set(registry.getMetricsAsArray().map(({ name }) => name));
  const named = (expr: string): readonly string[] =>
    [...expr.matchAll(/\b([a-z]+(?:_[a-z]+)+)\b(?=\{|\[| offset|\)| *(?:[<>=]|or|and|unless|$))/g)]
      .map(([, name]) => name ?? '')
      .filter((name) => !/_(over_time|left|right)$/.test(name) && name !== 'vector');
  const base = (name: string): string => name.replace(/_(bucket|sum|count)$/, '');
  /** Of Prometheus itself and of HAProxy. */
  const foreign = /^(up|ALERTS|haproxy_\w+)$/;

  const asked = [...QUERIES, ...ALERTS.map(({ expr }) => expr), ...RECORDED.map(({ expr }) => expr)];
  test.each([...new Set(asked.flatMap(named))].sort())('%s is a figure that we show', (name) => {
    const isKnown = own.has(name) || own.has(base(name)) || others.has(name) || foreign.test(name);
    expect(isKnown).toBe(true);
  });

  const grouped = asked.flatMap((expr) =>
    [...expr.matchAll(/by \(([^)]*)\) \((?:rate\(|min_over_time\(|abs\()?([a-z_]+)/g)].map(
      ([, labels = '', name = '']) => [name, labels.split(', ')] as const,
    ),
  );
  test('is grouped by labels that the figure has', () => {
    const given = ['deployment', 'instance', 'role', 'le', 'job'];
    const wrong = grouped.flatMap(([name, labels]) => {
      const known = own.get(name)?.labels ?? own.get(base(name))?.labels;
      if (known === undefined) return [];
      return labels
        .filter((label) => ![...known, ...given].includes(label))
        .map((label) => `${name} ${label}`);
    });
    expect(wrong).toEqual([]);
    expect(grouped.length).toBeGreaterThan(20);
  });
});

describe.each(DASHBOARDS)('$dashboard.title', ({ dashboard, picture: path }) => {
  const file = JSON.parse(grafanaFile(dashboard)) as GrafanaFile;

  test('has panels that lie beside and below each other, and never on each other', () => {
    const taken = new Set<string>();
    for (const { place } of placed(dashboard)) {
      expect(place.x + place.w).toBeLessThanOrEqual(COLUMNS);
      for (let x = place.x; x < place.x + place.w; x++) {
        for (let y = place.y; y < place.y + place.h; y++) {
          expect(taken).not.toContain(`${x},${y}`);
          taken.add(`${x},${y}`);
        }
      }
    }
  });

  test('has one title, one sentence and one id for each panel, and every query its own letter', () => {
    const titles = panelsOf(dashboard).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    expect(panelsOf(dashboard).every(({ says }) => /[.?]$/.test(says))).toBe(true);
    expect(new Set(file.panels.map(({ id }) => id)).size).toBe(file.panels.length);
    for (const { targets = [] } of file.panels) {
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  test('shows one deployment, and lets its reader choose shards and processes, all of them at first', () => {
    expect(file.templating.list.map(({ name }) => name)).toEqual([
      'datasource',
      'deployment',
      'shard',
      'instance',
    ]);
    expect(file.templating.list.slice(2).map(({ current }) => current.value)).toEqual([
      ['$__all'],
      ['$__all'],
    ]);
    expect(file.uid).toMatch(/^itirp-[a-z]+$/);
  });

  test('has a picture with all its panels, and data in each that needs nothing special', () => {
    const drawn = readFileSync(join(import.meta.dirname, '..', '..', path), 'utf8');
    const titles = panelsOf(dashboard).map(({ title }) => `>${escaped(title)}</text>`);
    expect(titles.filter((title) => !drawn.includes(title))).toEqual([]);
    expect(drawn).not.toContain('no data');
  });

  test('is drawn whole where nothing is known, and says so', () => {
    const span = spanOf(0, 600);
    const drawn = picture({ dashboard, lines: new Map(), span, starts: [] });
    for (const { title } of panelsOf(dashboard)) expect(drawn).toContain(title.slice(0, 12));
    expect(drawn.match(/no data|none here/g)?.length).toBe(panelsOf(dashboard).length);
  });
});

test('the three panels of the production guide are there under their names', () => {
  const titles = PANELS.map(({ title }) => title);
  const guide = ['Order Latency (P50/P95/P99)', 'Order Rejection Rate', 'Net Exposure'];
  expect(titles).toEqual(expect.arrayContaining(guide));
});

test('every query is of one deployment, whatever it asks for', () => {
  const selectors = QUERIES.flatMap((expr) => [
    ...expr.matchAll(/\{[^}]*\}|\b[a-z]+(?:_[a-z]+){2,}\b(?!\{)/g),
  ]);
  const mixed = selectors.map(([selector]) => selector).filter((each) => !each.includes('$deployment'));
  expect(mixed.filter((each) => !each.endsWith('_quantile'))).toEqual([]);
  expect(selectors.length).toBeGreaterThan(QUERIES.length);
});

test('no query keeps a variable that only Grafana knows', () => {
  expect(QUERIES.map((expr) => plainQuery(expr, '20s')).filter((expr) => expr.includes('$'))).toEqual([]);
});

describe('drawing', () => {
  test.each([
    [0.0012, 's', '1.2 ms'],
    [0.00003, 's', '30 µs'],
    [93_600, 's', '1.08 d'],
    [0.345, 'percentunit', '34.5 %'],
    [12_400, 'short', '12.4 k'],
    [-3_100_000, 'currencyUSD', '−$3.1 M'],
    [61.25, 'ops', '61.3/s'],
    [3 * 2 ** 30, 'bytes', '3 GiB'],
    [0, 's', '0 s'],
    [Number.NaN, 's', '–'],
  ] as const)('%d %s is %s', (value, unit, words) => {
    expect(format(value, unit)).toBe(words);
  });
  test('an axis has room for all its values, and whole steps', () => {
    const scale = linear([3, 87], { min: 0 });
    expect(scale.ticks).toEqual([0, 25, 50, 75, 100]);
    expect([scale.at(0), scale.at(50), scale.at(100)]).toEqual([0, 0.5, 1]);
    expect(linear([0, 0], { min: 0 }).ticks).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(linear([-40, 102]).ticks).toEqual([-50, 0, 50, 100, 150]);
    expect(linear([300 * 2 ** 20], { min: 0, quantum: 2 ** 20 }).ticks[1]).toBe(100 * 2 ** 20);
  });
  test('a logarithmic axis gives each power of ten the same room', () => {
    const scale = logarithmic([0.002, 7]);
    expect(scale.ticks.map((tick) => Math.round(Math.log10(tick)))).toEqual([-3, -2, -1, 0, 1]);
    expect(scale.at(0.1)).toBeCloseTo(0.5);
    expect(scale.at(0)).toBe(0);
  });
  test('times are whole ones, a few of them', () => {
    expect(momentsBetween(70, 650)).toEqual([120, 240, 360, 480, 600]);
  });
  test('a span is cut into whole steps, and rates reach over four of them', () => {
    const span = spanOf(1_000, 1_600);
    expect(span).toEqual({ from: 1_000, to: 1_600, step: 4 });
    expect(windowOf(span, 5)).toBe('20s');
  });
  test('a line is called what its legend says', () => {
    expect(nameOf('{{venue}} P99', { venue: 'SIM' })).toBe('SIM P99');
    expect(nameOf('{{code}}', {})).toBe('none');
    expect(nameOf('', {})).toBe('');
  });
  test('a query that Prometheus refuses is an error that names it', async () => {
    const refusing = new Prometheus('data:application/json,{"status":"error","error":"no such thing"}#');
    const [panel] = PANELS;
    if (panel === undefined) throw new Error('no panel');
    await expect(linesOf(panel, refusing, spanOf(0, 60), '20s')).rejects.toThrow('no such thing');
  });
});

interface GrafanaFile {
  readonly uid: string;
  readonly panels: readonly { id: number; targets?: readonly { refId: string }[] }[];
  readonly templating: { readonly list: readonly { name: string; current: { value: unknown } }[] };
}
