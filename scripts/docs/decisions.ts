/** The list of decisions, from the first line of each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { table } from './markdown.ts';

/** @throws Error when a decision does not begin with its number and its name */
export function decisionsTable(root: string): string {
  const folder = join(root, 'docs', 'decisions');
  const files = readdirSync(folder).filter((name) => /^\d{4}-.*\.md$/.test(name));
  const rows = files.sort().map((file) => {
    const [, number, name] = /^# (\d{4}): (.+)$/m.exec(readFileSync(join(folder, file), 'utf8')) ?? [];
    if (number !== file.slice(0, 4) || name === undefined) throw new Error(`${file} has no number and name`);
    return [`[${number}](${file})`, name];
  });
  return table(['no.', 'decision'], rows);
}
