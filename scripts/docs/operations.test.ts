/** What the operator's pages tell to type exists: commands with their flags, scripts, benchmarks; and no page is hidden. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SUITES } from '../../bench/run/suites.ts';
import { benchCommand } from '../../src/cli/commands/bench.ts';
import { callsIn, knownCommands, wrongCall } from './commands.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const folder = 'docs/operations';
const pages = readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'));
const known = await knownCommands(root);
const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
const stackCommands = new Set(
  [...read('stack/cli.ts').matchAll(/(?:new Command|onParts)\('([\w-]+)/g)].map(([, command]) => command),
);

describe.each(pages)('%s', (name) => {
  const page = read(`${folder}/${name}`);
  test('calls what the program has', () => {
    const wrong = callsIn(page).flatMap((call) => wrongCall(call, known) ?? []);
    expect(wrong).toEqual([]);
  });
  test('runs scripts and benchmarks that there are', () => {
    const called = [...page.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script ?? '');
    expect(called.filter((script) => !(script in scripts))).toEqual([]);
    const measured = [...page.matchAll(/bench -- --only ([\w,]+)/g)].flatMap(([, names]) =>
      names?.split(','),
    );
    expect(measured.filter((suite) => !(SUITES as readonly unknown[]).includes(suite))).toEqual([]);
    const stacked = [...page.matchAll(/npm run stack -- ([a-z]\w*)/g)].map(([, command]) => command ?? '');
    expect(stacked.filter((command) => !stackCommands.has(command))).toEqual([]);
  });
});

test('the help of the benchmarks names each', () => {
  const only = benchCommand().options.find(({ long }) => long === '--only');
  expect(only?.description).toBe(`only these, separated by commas: ${SUITES.join(', ')}`);
});

test('the index leads to every page', () => {
  const index = read(`${folder}/README.md`);
  const missing = pages.filter((name) => name !== 'README.md' && !index.includes(`](${name})`));
  expect(missing).toEqual([]);
});

test('every answer of the checklist is one of four, and a Yes is shown', () => {
  const rows = [...read(`${folder}/compliance.md`).matchAll(/^\| (.+) \| \*\*(\w+).*\|(.*)\|$/gm)];
  expect(rows.length).toBeGreaterThan(50);
  expect(rows.filter(([, , answer]) => !/^(Yes|Part|No|Firm)$/.test(answer ?? ''))).toEqual([]);
  const unshown = rows.filter(([, , answer, shown]) => answer === 'Yes' && shown?.trim() === '');
  expect(unshown.map(([, asked]) => asked)).toEqual([]);
  expect(read(`${folder}/compliance.md`).match(/^\| (?!Asked|---)/gm)?.length).toBe(rows.length);
});

describe('the checks of calls', () => {
  test('find what stands in blocks and in spans, and leave prose alone', () => {
    const page =
      'Say `npx itirp user add alice --role TRADER`, or itirp anything.\n```sh\nnpx itirp drill --json | cat\nsudo -u itirp id\nkubectl -n itirp get pods\nA=1 itirp verify\n```\n```\n$ itirp cost --json\nitirp says no\n```\n';
    expect(callsIn(page)).toEqual(['drill --json', 'verify', 'cost --json', 'user add alice --role TRADER']);
  });
  test('know commands below commands, and their flags', () => {
    expect(wrongCall('user add alice --role TRADER', known)).toBeUndefined();
    expect(wrongCall('user add alice --rank TRADER', known)).toBe('itirp user add has no --rank');
    expect(wrongCall('pray', known)).toBe('there is no itirp pray');
  });
});
