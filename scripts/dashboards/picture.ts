/** A whole dashboard as one picture: headings, panels and what they show, on the grid that Grafana uses. */
import { type Line, newest } from './answers.ts';
import { chart } from './chart.ts';
import type { Dashboard, Panel } from './dashboard.ts';
import { COLUMNS, type Place, placed } from './grid.ts';
import type { Span } from './prometheus.ts';
import { type Box, escaped, fitting, large, path, rectangle, round, STYLE, text } from './svg.ts';
import { format } from './units.ts';

export interface Shown {
  readonly dashboard: Dashboard;
  /** By panel. */
  readonly lines: ReadonlyMap<Panel, readonly Line[]>;
  readonly span: Span;
  /** When processes started, in seconds. */
  readonly starts: readonly number[];
}

const WIDTH = 1200;
const UNIT = 28;
const TOP = 62;
const GAP = 4;

export function picture(shown: Shown): string {
  const { dashboard, span } = shown;
  const all = placed(dashboard);
  const height = TOP + Math.max(...all.map(({ place }) => place.y + place.h)) * UNIT + GAP * 2;
  const when = (at: number): string => new Date(at * 1000).toISOString().slice(0, 16).replace('T', ' ');
  const parts = all.map((each) => {
    const box = boxOf(each.place);
    if ('panel' in each) return panelOf(each.panel, box, shown);
    return text(box.x + 4, box.y + 18, 'head', each.heading);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(dashboard.title)}</title><desc id="desc">${escaped(dashboard.says)}</desc>`,
    `<style>${STYLE}</style>`,
    rectangle('paper', { x: 0, y: 0, width: WIDTH, height }, 8),
    text(14, 30, 'page', dashboard.title),
    text(14, 50, 'says', dashboard.says),
    text(WIDTH - 14, 30, 'end says', `${when(span.from)} to ${when(span.to).slice(11)} UTC`),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function boxOf({ x, y, w, h }: Place): Box {
  const column = (WIDTH - 2 * GAP) / COLUMNS;
  return {
    x: GAP + x * column + GAP,
    y: TOP + y * UNIT + GAP,
    width: w * column - 2 * GAP,
    height: h * UNIT - 2 * GAP,
  };
}

function panelOf(panel: Panel, box: Box, { lines, span, starts }: Shown): string {
  const own = lines.get(panel) ?? [];
  const inside = { x: box.x + 6, y: box.y + 30, width: box.width - 12, height: box.height - 36 };
  const drawn =
    panel.kind === 'timeseries'
      ? chart(panel, own, inside, span, starts)
      : panel.kind === 'stat'
        ? stat(panel, own, inside)
        : gauge(panel, own, inside);
  const says = `<title>${escaped(panel.says)}</title>`;
  const name = text(box.x + 10, box.y + 18, 'name', fitting(panel.title, (box.width - 16) * 0.92));
  return `<g>${says}${rectangle('panel', box, 5)}${name}${drawn}</g>`;
}

/** The newest value, as large as it matters. */
function stat(panel: Panel, lines: readonly Line[], box: Box): string {
  const value = valueIn(lines);
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 + 6 };
  return large(middle.x, middle.y, colourOf(panel, value), wordsFor(panel, value), box.width);
}

/** The newest value on half a circle. */
function gauge(panel: Panel, lines: readonly Line[], box: Box): string {
  const value = valueIn(lines);
  const { min = 0, max = 1 } = panel;
  const radius = Math.min(box.width / 2 - 8, box.height - 10);
  const middle = { x: box.x + box.width / 2, y: box.y + box.height - 4 };
  const arc = (part: number): string => {
    const angle = Math.PI * (1 - part);
    const end = { x: middle.x + radius * Math.cos(angle), y: middle.y - radius * Math.sin(angle) };
    return `M${round(middle.x - radius)} ${round(middle.y)}A${round(radius)} ${round(radius)} 0 0 1 ${round(end.x)} ${round(end.y)}`;
  };
  const part = Math.min(1, Math.max(0, ((value ?? min) - min) / (max - min)));
  const colour = colourOf(panel, value);
  const filled = value === undefined ? '' : path(`arc a-${colour}`, arc(part));
  return (
    path('track', arc(1)) +
    filled +
    large(middle.x, middle.y - 4, colour, wordsFor(panel, value), radius * 1.5)
  );
}

const valueIn = (lines: readonly Line[]): number | undefined =>
  lines.map(newest).find((value) => value !== undefined);

function wordsFor({ words, unit, needs }: Panel, value: number | undefined): string {
  if (value === undefined) return needs === undefined ? 'no data' : 'none here';
  return words?.[value] ?? format(value, unit);
}

function colourOf({ thresholds = [], base = 'green' }: Panel, value: number | undefined): string {
  if (value === undefined) return 'none';
  return thresholds.findLast(({ from }) => value >= from)?.colour ?? base;
}
