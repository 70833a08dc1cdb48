/** SVG as text: elements with attributes, escaped, and nothing else. */

type Attributes = Readonly<Record<string, string | number>>;

/** Two decimals are finer than any screen. */
const shown = (value: string | number): string =>
  escaped(typeof value === 'number' ? String(Math.round(value * 100) / 100) : value);

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[mark] ?? '&quot;');

export function element(name: string, attributes: Attributes, ...inside: readonly string[]): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${shown(value)}"`);
  const open = `<${name}${words.join('')}`;
  return inside.length === 0 ? `${open}/>` : `${open}>${inside.join('')}</${name}>`;
}

export const words = (text: string, attributes: Attributes): string =>
  element('text', attributes, escaped(text));

/** A line through `points`, each an x and a y. */
export const polyline = (points: readonly (readonly [number, number])[], attributes: Attributes): string =>
  element('polyline', {
    points: points.map((point) => point.map(shown).join(',')).join(' '),
    fill: 'none',
    ...attributes,
  });

export function picture(width: number, height: number, title: string, ...inside: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'font-family': 'system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif',
    'font-size': 12,
  };
  return `${element('svg', attributes, `\n${element('title', {}, escaped(title))}\n`, inside.join('\n'), '\n')}\n`;
}
