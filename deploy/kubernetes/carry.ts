/** `node deploy/kubernetes/carry.ts`: writes anew what lies beside the manifests and is made from other files. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CARRIED } from './carried.ts';

const root = join(import.meta.dirname, '..', '..');
for (const { path, make } of CARRIED) {
  writeFileSync(join(root, path), make());
  process.stdout.write(`${path}\n`);
}
execFileSync(join(root, 'node_modules/.bin/biome'), [
  'format',
  '--write',
  join(import.meta.dirname, 'chart'),
]);
