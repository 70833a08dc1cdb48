/**
 * What is in an image, held against package-lock.json: no library that only development needs, and a bill of materials that
 * names every library that is there and no other. `contents.ts IMAGE`
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** What the base image makes superfluous: a second Node. */
const SUPERFLUOUS = /^node_modules\/node-(linux|win)-/;

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
}
interface Bill {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly { readonly purl: string }[];
}

const image = process.argv[2] ?? '';
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');

/** Runs JavaScript in the image, as nobody in particular, with `input`. */
const inImage = (code: string, input: string): string =>
  execFileSync('docker', ['run', '--rm', '-i', '--network=none', '--entrypoint=node', image, '-e', code], {
    input,
    encoding: 'utf8',
    maxBuffer: 1e8,
  });

const LOOK = `const fs = require('fs'); process.chdir('/opt/itirp');
  const paths = JSON.parse(fs.readFileSync(0, 'utf8')).filter((path) => fs.existsSync(path + '/package.json'));
  console.log(JSON.stringify({ paths, bill: JSON.parse(fs.readFileSync('sbom.cdx.json', 'utf8')) }));`;
const { paths, bill } = JSON.parse(inImage(LOOK, JSON.stringify(locked.map(([path]) => path)))) as {
  paths: readonly string[];
  bill: Bill;
};
const there = new Set(paths);

const wrong: string[] = [];
for (const [path, { dev }] of locked) {
  if (dev === true && there.has(path)) wrong.push(`only development needs ${path}`);
  if (SUPERFLUOUS.test(path) && there.has(path)) wrong.push(`superfluous: ${path}`);
}
const purlOf = (path: string, version = ''): string => {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
};
const expected = new Set(
  locked.filter(([path]) => there.has(path)).map(([path, { version }]) => purlOf(path, version)),
);
const billed = new Set(bill.components.map(({ purl }) => purl));
for (const purl of expected) if (!billed.has(purl)) wrong.push(`not in the bill: ${purl}`);
for (const purl of billed) if (!expected.has(purl)) wrong.push(`in the bill, and not in the image: ${purl}`);
if (bill.bomFormat !== 'CycloneDX') wrong.push(`the bill is ${bill.bomFormat}`);

console.log(wrong.length === 0 ? `${billed.size} libraries, all of them in the bill` : wrong.join('\n'));
if (wrong.length > 0 || billed.size < 50) process.exitCode = 1;
