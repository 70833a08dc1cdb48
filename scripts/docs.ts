/** `npm run docs`: writes the pages that are made from the code. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGES } from './docs/pages.ts';

const root = join(import.meta.dirname, '..');
for (const { path, make } of PAGES) {
  writeFileSync(join(root, path), await make(root));
  process.stdout.write(`${path}\n`);
}
