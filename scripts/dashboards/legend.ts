/** The names of the lines below a chart, each with its colour; what finds no room is counted. */
import { type Box, COLOURS, fitting, rectangle, text, widthOf } from './svg.ts';

const LINE_HEIGHT = 14;
const LINES_MAX = 3;
const NAME_WIDTH_MAX = 240;
const MARK = 14;
const GAP = 10;

interface Seat {
  readonly name: string;
  readonly index: number;
  readonly x: number;
  readonly line: number;
}

export const legendHeight = (names: readonly string[], width: number): number =>
  names.every((name) => name === '') ? 0 : linesFor(seats(names, width)) * LINE_HEIGHT + 4;

export function legend(names: readonly string[], { x, y, width }: Box): string {
  if (names.every((name) => name === '')) return '';
  const all = seats(names, width);
  const shown = all.filter(({ line }) => line < LINES_MAX);
  const left = all.length - shown.length;
  const parts = shown.map((seat) => {
    const top = y + seat.line * LINE_HEIGHT;
    const mark = { x: x + seat.x, y: top + 6, width: 9, height: 3 };
    const isLast = left > 0 && seat === shown.at(-1);
    const name = isLast ? `and ${left + 1} more` : fitting(seat.name, NAME_WIDTH_MAX);
    const colour = isLast ? '' : rectangle(`f${seat.index % COLOURS}`, mark, 1);
    return colour + text(x + seat.x + MARK, top + 11, '', name);
  });
  return parts.join('');
}

function seats(names: readonly string[], width: number): readonly Seat[] {
  let x = 6;
  let line = 0;
  return names.map((name, index) => {
    const wide = MARK + Math.min(NAME_WIDTH_MAX, widthOf(name)) + GAP;
    if (x + wide > width && x > 6) {
      x = 6;
      line += 1;
    }
    const seat = { name, index, x, line };
    x += wide;
    return seat;
  });
}

const linesFor = (all: readonly Seat[]): number => Math.min(LINES_MAX, (all.at(-1)?.line ?? 0) + 1);
