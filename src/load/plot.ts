/** A load as a picture: latency above, on a logarithmic axis, and throughput below, over time or over the rate offered. */
import type { LoadFigures, QuantileName } from './figures.ts';
import { linearScale, logScale, type Scale } from './scale.ts';
import { element, picture, polyline, words } from './svg.ts';

const WIDTH = 960;
const HEIGHT = 660;
const LEFT = 78;
const RIGHT = WIDTH - 28;
const LATENCY = { top: 112, bottom: 362 };
const THROUGHPUT = { top: 432, bottom: 602 };

/** Letters of a title that there is room for. */
const TITLE_MAX = 85;
/** How wide a letter of the legend is, about. */
const LETTER = 7;

const INK = '#24292f';
const FAINT = '#6e7781';
const GRID = '#e4e7eb';
/** Told apart also by those who see few colours (after Okabe and Ito). */
const BLUE = '#0072b2';
const SKY = '#56b4e9';
const GREEN = '#009e73';
const ORANGE = '#e69f00';
const RED = '#d55e00';
const GREY = '#8c959f';

interface Line {
  readonly name: string;
  readonly color: string;
  readonly dashes?: string;
  /** By x. What is undefined breaks the line: nothing was heard there. */
  readonly values: readonly (readonly [x: number, y: number | undefined])[];
}

interface Chart {
  readonly xTitle: string;
  readonly xs: readonly number[];
  readonly latency: readonly Line[];
  readonly throughput: readonly Line[];
  /** Spans of x that count for nothing. */
  readonly shaded: readonly (readonly [number, number])[];
  /** The rate that was found: on the x axis, or on that of the throughput. */
  readonly mark: number | undefined;
  readonly level: number | undefined;
}

export function plotOf(figures: LoadFigures): string {
  const chart = figures.by === 'rate' ? overRate(figures) : overTime(figures);
  const x = linearScale(
    figures.by === 'rate' ? Math.min(...chart.xs) : 0,
    Math.max(...chart.xs, 1),
    LEFT,
    RIGHT,
    9,
  );
  return picture(
    WIDTH,
    HEIGHT,
    figures.title,
    element('rect', { width: WIDTH, height: HEIGHT, fill: '#ffffff' }),
    words(figures.title.slice(0, TITLE_MAX), {
      x: LEFT,
      y: 34,
      'font-size': 18,
      'font-weight': 600,
      fill: INK,
    }),
    words(subtitleOf(figures), { x: LEFT, y: 54, fill: FAINT }),
    panel(
      'Latency from when a request was due, ms',
      latencyScale(chart.latency),
      LATENCY,
      x,
      { ...chart, level: undefined },
      chart.latency,
    ),
    panel('Requests a second', rateScale(chart.throughput), THROUGHPUT, x, chart, chart.throughput),
    words(chart.xTitle, { x: (LEFT + RIGHT) / 2, y: HEIGHT - 18, 'text-anchor': 'middle', fill: INK }),
  );
}

function subtitleOf({ targets, startedAt, version, total }: LoadFigures): string {
  const count = total.due.toLocaleString('en-US');
  const lost = `${total.shed.toLocaleString('en-US')} shed, ${total.failed.toLocaleString('en-US')} failed`;
  return `${targets.join(', ')} · ${count} requests, ${lost} · itirp ${version} · ${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
}

/** The steps, by rate. Of a rate that was tried twice the later counts. */
function overRate({ stages, highestSustained }: LoadFigures): Chart {
  const byRate = new Map(stages.filter(({ isWarmUp }) => !isWarmUp).map((stage) => [stage.rate, stage]));
  const steps = [...byRate.values()].sort((one, other) => one.rate - other.rate);
  const of = (
    name: string,
    color: string,
    value: (step: (typeof steps)[number]) => number | undefined,
  ): Line => ({
    name,
    color,
    values: steps.map((step) => [step.rate, value(step)]),
  });
  const waited = (name: QuantileName | 'max') => (step: (typeof steps)[number]) =>
    step.latencyMs[name] > 0 ? step.latencyMs[name] : undefined; // nothing was waited for: all failed at once
  return {
    xTitle: 'requests offered a second',
    xs: steps.map(({ rate }) => rate),
    latency: [
      of('p50', BLUE, waited('p50')),
      of('p90', SKY, waited('p90')),
      of('p99', ORANGE, waited('p99')),
      of('p99.9', RED, waited('p999')),
      of('max', GREY, waited('max')),
    ],
    throughput: [
      { ...of('offered', GREY, ({ offered }) => offered), dashes: '5 4' },
      of('good', GREEN, ({ throughput, refusals }) => throughput - refusals),
      ...(steps.some(({ refusals }) => refusals > 0) ? [of('refused', SKY, ({ refusals }) => refusals)] : []),
      of('shed or failed', RED, ({ shed, failed, seconds }) => (shed + failed) / seconds),
    ],
    shaded: [],
    mark: highestSustained?.rate,
    level: undefined,
  };
}

function overTime({ series, stages, highestSustained }: LoadFigures): Chart {
  const of = (
    name: string,
    color: string,
    value: (point: (typeof series)[number]) => number | undefined,
  ): Line => ({
    name,
    color,
    values: series.map((point) => [point.atS + point.seconds / 2, value(point)]),
  });
  const heard = (value: (point: (typeof series)[number]) => number) => (point: (typeof series)[number]) =>
    point.maxMs > 0 ? value(point) : undefined;
  return {
    xTitle: 'seconds from the begin',
    xs: series.map(({ atS, seconds }) => atS + seconds),
    latency: [
      of(
        'p50',
        BLUE,
        heard(({ p50Ms }) => p50Ms),
      ),
      of(
        'p99',
        ORANGE,
        heard(({ p99Ms }) => p99Ms),
      ),
      of(
        'max',
        GREY,
        heard(({ maxMs }) => maxMs),
      ),
    ],
    throughput: [
      { ...of('offered', GREY, ({ due, seconds }) => due / seconds), dashes: '5 4' },
      of('good', GREEN, ({ answered, refused, seconds }) => (answered - refused) / seconds),
      ...(series.some(({ refused }) => refused > 0)
        ? [of('refused', SKY, ({ refused, seconds }) => refused / seconds)]
        : []),
      of('shed or failed', RED, ({ shed, failed, seconds }) => (shed + failed) / seconds),
    ],
    shaded: uncounted(stages),
    mark: undefined,
    level: highestSustained?.rate,
  };
}

/** From where a stage that counts has ended to where the next one begins: warm-ups, and what a search waits for. */
function uncounted(stages: LoadFigures['stages']): [from: number, to: number][] {
  const spans: [number, number][] = [];
  let endedAt = 0;
  for (const { atS, seconds, isWarmUp } of stages) {
    if (isWarmUp) continue;
    if (atS > endedAt) spans.push([endedAt, atS]);
    endedAt = atS + seconds;
  }
  return spans;
}

const valuesOf = (lines: readonly Line[]): readonly number[] =>
  lines.flatMap(({ values }) => values.flatMap(([, y]) => y ?? []));

function latencyScale(lines: readonly Line[]): Scale {
  const values = valuesOf(lines).filter((value) => value > 0);
  return logScale(Math.min(...values, 10), Math.max(...values, 1), LATENCY.bottom, LATENCY.top);
}

const rateScale = (lines: readonly Line[]): Scale =>
  linearScale(0, 1.05 * Math.max(...valuesOf(lines), 1), THROUGHPUT.bottom, THROUGHPUT.top, 5);

function panel(
  title: string,
  y: Scale,
  { top, bottom }: { readonly top: number; readonly bottom: number },
  x: Scale,
  { shaded, mark, level }: Chart,
  lines: readonly Line[],
): string {
  const height = bottom - top;
  return [
    words(title, { x: LEFT, y: top - 16, 'font-weight': 600, fill: INK }),
    legend(lines, top - 16),
    ...shaded.map(([from, to]) =>
      element('rect', {
        x: x.place(from),
        y: top,
        width: x.place(to) - x.place(from),
        height,
        fill: '#f3f4f6',
      }),
    ),
    ...shaded
      .slice(0, 1)
      .map(([from]) => words('warm-up', { x: x.place(from) + 4, y: top + 14, 'font-size': 11, fill: FAINT })),
    ...y.ticks.map(({ value, label }) => {
      const at = y.place(value);
      const rule = element('line', { x1: LEFT, x2: RIGHT, y1: at, y2: at, stroke: GRID });
      return rule + words(label, { x: LEFT - 8, y: at + 4, 'text-anchor': 'end', fill: FAINT });
    }),
    ...x.ticks.map(({ value, label }) => {
      const at = x.place(value);
      const tick = element('line', { x1: at, x2: at, y1: bottom, y2: bottom + 5, stroke: FAINT });
      return tick + words(label, { x: at, y: bottom + 19, 'text-anchor': 'middle', fill: FAINT });
    }),
    element('line', { x1: LEFT, x2: RIGHT, y1: bottom, y2: bottom, stroke: FAINT }),
    ...(mark === undefined || mark === 0 ? [] : [markAt(x.place(mark), mark, top, bottom)]),
    ...(level === undefined || level === 0 ? [] : [levelAt(y.place(level), level)]),
    ...lines.flatMap((line) => drawn(line, x, y)),
  ].join('\n');
}

function legend(lines: readonly Line[], y: number): string {
  let right = RIGHT;
  const entries = lines.toReversed().map(({ name, color, dashes }) => {
    const begin = right - LETTER * name.length;
    const end = begin - 6;
    right = end - 36;
    const stroke = { stroke: color, 'stroke-width': 2.5, ...dashed(dashes) };
    const sample = element('line', { x1: end - 20, x2: end, y1: y - 4, y2: y - 4, ...stroke });
    return sample + words(name, { x: begin, y, fill: INK });
  });
  return entries.join('\n');
}

/** One polyline for each stretch without a gap; a stretch of one point is a dot. */
function drawn({ values, color, dashes }: Line, x: Scale, y: Scale): string[] {
  const stretches: [number, number][][] = [[]];
  for (const [at, value] of values) {
    if (value === undefined) stretches.push([]);
    else stretches.at(-1)?.push([x.place(at), y.place(value)]);
  }
  const stroke = { stroke: color, 'stroke-width': 2, 'stroke-linejoin': 'round' };
  return stretches
    .filter((stretch) => stretch.length > 0)
    .map((stretch) => {
      const [cx, cy] = stretch[0] ?? [0, 0];
      if (stretch.length === 1) return element('circle', { cx, cy, r: 2.5, fill: color });
      return polyline(stretch, { ...stroke, ...dashed(dashes) });
    });
}

function markAt(at: number, rate: number, top: number, bottom: number): string {
  const isNearRight = at > RIGHT - 150;
  const label = {
    x: isNearRight ? at - 6 : at + 6,
    y: top + 14,
    'text-anchor': isNearRight ? 'end' : 'start',
    fill: INK,
  };
  return (
    element('line', { x1: at, x2: at, y1: top, y2: bottom, stroke: INK, 'stroke-dasharray': '2 3' }) +
    words(`sustained: ${rate.toLocaleString('en-US')}/s`, label)
  );
}

const levelAt = (at: number, rate: number): string =>
  element('line', { x1: LEFT, x2: RIGHT, y1: at, y2: at, stroke: INK, 'stroke-dasharray': '2 3' }) +
  words(`sustained: ${rate.toLocaleString('en-US')}/s`, { x: LEFT + 6, y: at - 5, fill: INK });

const dashed = (dashes: string | undefined): Record<string, string> =>
  dashes === undefined ? {} : { 'stroke-dasharray': dashes };
