/**
 * `npm run docs:figures`: what the last whole `npm run test:stack` measured goes into the failure table. Do it after a
 * run on a quiet machine.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stackFolder } from '../stack/software.ts';
import { FAILURES, FIGURES, type Figures, failuresPage, pauseOf } from './docs/failures.ts';

const root = join(import.meta.dirname, '..');
const measured = join(stackFolder(), 'test', 'logs', 'measured.json');

const found = JSON.parse(readFileSync(measured, 'utf8')) as Figures;
for (const each of FAILURES) pauseOf(each, found); // a run of some of the tests is refused
const names = FAILURES.flatMap((each) => each.measured);
const kept = Object.fromEntries(names.map((name) => [name, found[name]]));
writeFileSync(join(root, FIGURES), `${JSON.stringify(kept, undefined, 2)}\n`);
writeFileSync(join(root, 'docs', 'operations', 'failures.md'), failuresPage(root));
process.stdout.write(`${names.length} figures of ${measured}\n`);
