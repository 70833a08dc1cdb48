/** The few shapes that a dashboard is drawn with, as SVG, and the colours they take by day and by night. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** One decimal: a tenth of a pixel is finer than anybody sees. */
export const round = (value: number): number => Math.round(value * 10) / 10;

export const text = (x: number, y: number, kind: string, words: string): string =>
  `<text class="${kind}" x="${round(x)}" y="${round(y)}">${escaped(words)}</text>`;

export const path = (kind: string, d: string): string => `<path class="${kind}" d="${d}"/>`;

export const rectangle = (kind: string, { x, y, width, height }: Box, radius = 0): string =>
  `<rect class="${kind}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"${radius === 0 ? '' : ` rx="${radius}"`}/>`;

/** About how wide words are, in pixels, in the small letters of legends and axes. */
export function widthOf(words: string): number {
  const capitals = words.replaceAll(/[^A-Z_]/g, '').length;
  return (words.length - capitals) * 6.2 + capitals * 7.6;
}

/** Words that fit into `width`, the end left out where need be. */
export function fitting(words: string, width: number): string {
  if (widthOf(words) <= width) return words;
  const letters = Math.floor((words.length * width) / widthOf(words));
  return `${words.slice(0, Math.max(1, letters - 1))}…`;
}

/** Large letters, and smaller ones where they would not fit into `width`. */
export function large(x: number, y: number, colour: string, words: string, width: number): string {
  const size = Math.min(25, Math.floor((width * 9.5) / widthOf(words)));
  return `<text class="big ${colour}" x="${round(x)}" y="${round(y)}" style="font-size:${size}px">${escaped(words)}</text>`;
}

/** A line's own colour, again from the first after the last. */
export const COLOURS = 10;
const DAY = [
  '#2f6fd0',
  '#d9822b',
  '#2a9d5c',
  '#c0392b',
  '#8e5bd0',
  '#0f9aa8',
  '#b8902c',
  '#d0559b',
  '#5c6f82',
  '#7a9a1f',
];
const NIGHT = [
  '#6ba4f5',
  '#f0a55a',
  '#5fcf8f',
  '#f0776b',
  '#b592f0',
  '#4fd0dc',
  '#e2c25e',
  '#f08fc4',
  '#a3b3c4',
  '#b5d45a',
];

const linesIn = (colours: readonly string[]): string =>
  colours.map((colour, index) => `.l${index}{stroke:${colour}}.f${index}{fill:${colour}}`).join('');

export const STYLE = `
.paper{fill:#f3f5f8}.panel{fill:#fff;stroke:#d5dbe2}.grid{stroke:#e4e8ed;fill:none}.start{stroke:#9aa7b5;stroke-dasharray:1 3;fill:none}
.limit{stroke-dasharray:5 4;fill:none}.t-red{stroke:#c0392b}.t-yellow{stroke:#d9a02b}.t-green{stroke:#2a9d5c}.line{fill:none;stroke-width:1.4;stroke-linejoin:round}.area{opacity:.22;stroke:none}
.track{fill:none;stroke:#e4e8ed;stroke-width:11}.arc{fill:none;stroke-width:11}
text{font:11px ui-sans-serif,system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#55616e}
.page{font-size:19px;font-weight:650;fill:#16202b}.says{font-size:12.5px}.head{font-size:13.5px;font-weight:650;fill:#16202b}
.name{font-size:12px;font-weight:600;fill:#2a3642}.end{text-anchor:end}.mid{text-anchor:middle}.big{font-weight:650;text-anchor:middle}
.green{fill:#238a50}.yellow{fill:#b07d12}.red{fill:#c0392b}.none{fill:#8593a3}
.a-green{stroke:#2a9d5c}.a-yellow{stroke:#d9a02b}.a-red{stroke:#c0392b}
${linesIn(DAY)}
@media (prefers-color-scheme:dark){.paper{fill:#0d1218}.panel{fill:#161e27;stroke:#2c3743}.grid{stroke:#273240}.start{stroke:#6b7988}
.t-red{stroke:#f0776b}.t-yellow{stroke:#e2c25e}.t-green{stroke:#5fcf8f}.track{stroke:#273240}text{fill:#a3b0bd}.page,.head{fill:#f0f4f8}.name{fill:#d5dee7}
.green{fill:#5fcf8f}.yellow{fill:#e2c25e}.red{fill:#f0776b}.none{fill:#7d8b9a}.a-green{stroke:#5fcf8f}.a-yellow{stroke:#e2c25e}.a-red{stroke:#f0776b}
${linesIn(NIGHT)}}`;
