/** Lines over time in a box: axes with units, a legend below, limits dashed, starts of processes dotted. */
import type { Line } from './answers.ts';
import type { Panel } from './dashboard.ts';
import { legend, legendHeight } from './legend.ts';
import type { Span } from './prometheus.ts';
import { type Bounds, linear, logarithmic, momentsBetween, type Scale } from './scale.ts';
import { type Box, COLOURS, path, round, text } from './svg.ts';
import { format } from './units.ts';

/** For the values at the left, and the times below. */
const LEFT = 52;
const BELOW = 17;

export function chart(
  panel: Panel,
  lines: readonly Line[],
  box: Box,
  span: Span,
  starts: readonly number[],
): string {
  const names = lines.map(({ name }) => name);
  const plot: Box = {
    x: box.x + LEFT,
    y: box.y,
    width: box.width - LEFT - 6,
    height: box.height - BELOW - legendHeight(names, box.width),
  };
  const shown =
    panel.isStacked === true ? stacked(lines) : lines.map(({ points }) => ({ points, floor: [] }));
  const values = shown.flatMap(({ points }) => points.map(([, value]) => value));
  const scale = panel.isLog === true ? logarithmic(values) : linear(values, boundsOf(panel));
  const seat: Seat = {
    x: (at) => round(plot.x + ((at - span.from) / (span.to - span.from)) * plot.width),
    y: (value) => round(plot.y + (1 - scale.at(value)) * plot.height),
  };
  return [
    axes(panel, scale, plot, seat, span),
    ...starts.map((at) => path('start', `M${seat.x(at)} ${round(plot.y)}v${round(plot.height)}`)),
    ...limits(panel, scale, plot, seat),
    ...shown.map(({ points, floor }, index) => lineOf(points, floor, index, seat, span.step)),
    values.some(Number.isFinite)
      ? ''
      : text(plot.x + plot.width / 2, plot.y + plot.height / 2, 'mid none', 'no data'),
    legend(names, { ...box, y: plot.y + plot.height + BELOW }),
  ].join('');
}

const MEBIBYTE = 2 ** 20;
const boundsOf = ({ min, max, unit }: Panel): Bounds => ({
  min,
  max,
  quantum: unit === 'bytes' ? MEBIBYTE : 1,
});

/** Where a moment and a value stand, in pixels. */
interface Seat {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
}

type Points = Line['points'];
interface Shown {
  readonly points: Points;
  /** What it stands on, by moment; the axis where nothing is. */
  readonly floor: readonly number[];
}

/** Each line on top of the ones before it. What has no value at a moment adds nothing there. */
function stacked(lines: readonly Line[]): readonly Shown[] {
  const sums = new Map<number, number>();
  return lines.map(({ points }) => {
    const floor = points.map(([at]) => sums.get(at) ?? 0);
    const raised = points.map(([at, value], index): readonly [number, number] => [
      at,
      (floor[index] ?? 0) + (Number.isFinite(value) ? value : 0),
    ]);
    for (const [at, value] of raised) sums.set(at, value);
    return { points: raised, floor };
  });
}

function axes(panel: Panel, scale: Scale, plot: Box, seat: Seat, { from, to }: Span): string {
  const across = scale.ticks.map((tick) => {
    const y = seat.y(tick);
    const words = text(plot.x - 6, y + 3.5, 'end', format(tick, panel.unit));
    return path('grid', `M${round(plot.x)} ${y}h${round(plot.width)}`) + words;
  });
  const moments = momentsBetween(from, to).map((at) => {
    const time = new Date(at * 1000).toISOString().slice(11, (to - from) / 5 < 60 ? 19 : 16);
    return text(seat.x(at), plot.y + plot.height + 13, 'mid', time);
  });
  return [...across, ...moments].join('');
}

/** Only those that are within what is shown: a limit far above is no news. */
function limits({ thresholds = [] }: Panel, scale: Scale, plot: Box, seat: Seat): readonly string[] {
  return thresholds
    .filter(({ from }) => from > scale.low && from <= scale.high)
    .map(({ from, colour }) =>
      path(`limit t-${colour}`, `M${round(plot.x)} ${seat.y(from)}h${round(plot.width)}`),
    );
}

/** A line broken where there was no value, and the area below it where it stands on others. */
function lineOf(points: Points, floor: readonly number[], index: number, seat: Seat, step: number): string {
  const colour = index % COLOURS;
  const steps: string[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const [at, value] of points) {
    if (!Number.isFinite(value)) continue;
    steps.push(`${at - last > step * 1.5 ? 'M' : 'L'}${seat.x(at)} ${seat.y(value)}`);
    last = at;
  }
  const line = path(`line l${colour}`, steps.join(''));
  if (floor.length === 0 || points.length < 2) return line;
  const top = points.map(([at, value]) => `${seat.x(at)} ${seat.y(value)}`);
  const bottom = points.map(([at], place) => `${seat.x(at)} ${seat.y(floor[place] ?? 0)}`).toReversed();
  return path(`area f${colour}`, `M${[...top, ...bottom].join('L')}z`) + line;
}
