/** Small pieces of Markdown that the generated pages are made of. */

export const GENERATED = '<!-- Generated from the code by `npm run docs`; a test holds the two equal. -->';

/** A table; cells may hold any text, `|` included. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

export const code = (text: string): string => `\`${text}\``;

/** The page with what stands between `<!-- name -->` and `<!-- /name -->` replaced. */
export function withSection(page: string, name: string, content: string): string {
  const opening = `<!-- ${name} -->`;
  const closing = `<!-- /${name} -->`;
  const start = page.indexOf(opening);
  const end = page.indexOf(closing);
  if (start < 0 || end < start) throw new Error(`the page has no section ${name}`);
  return `${page.slice(0, start + opening.length)}\n\n${content}\n\n${page.slice(end)}`;
}
