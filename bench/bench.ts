/**
 * `npm run bench`: measures what the platform promises, side by side with its baselines, and prints a table.
 * Exit code 0 also where a figure is missed (the table says MISSED); 1 where a benchmark breaks; 2 for a wrong flag.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Child } from './run/child.ts';
import { type Figure, verdictOf } from './run/figure.ts';
import { leave } from './run/leaving.ts';
import { machine } from './run/machine.ts';
import { SUITES, type SuiteName } from './run/suites.ts';
import { machineLine, type SuiteResult, tableOf } from './run/table.ts';

const USAGE = `usage: npm run bench -- [--only ${SUITES.join(',')}] [--json FILE] [--quick]
  --only NAMES   only these, separated by commas
  --json FILE    write the figures, their repetitions and the machine as JSON, too
  --quick        everything small and once: tries the benchmarks out, and measures nothing worth telling
`;

interface Flags {
  readonly suites: readonly SuiteName[];
  readonly json: string | undefined;
  readonly isQuick: boolean;
}

/** For one whole benchmark, on a machine that is busy. */
const SUITE_MS = 60 * 60_000;

let isInterrupted = false;

const isSuite = (name: string): name is SuiteName => (SUITES as readonly string[]).includes(name);

/** Undefined where the flags are wrong. */
function flagsOf(args: readonly string[]): Flags | undefined {
  try {
    const options = {
      only: { type: 'string' },
      json: { type: 'string' },
      quick: { type: 'boolean' },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    const names = values.only?.split(',').map((name) => name.trim()) ?? SUITES;
    const unknown = names.find((name) => !isSuite(name));
    if (unknown !== undefined) process.stderr.write(`there is no benchmark ${unknown}\n`);
    if (!names.every(isSuite)) return undefined;
    return { suites: names, json: values.json, isQuick: values.quick ?? false };
  } catch {
    return undefined;
  }
}

async function run(suite: SuiteName, isQuick: boolean): Promise<SuiteResult> {
  const child = Child.start(new URL('./run/suite-process.ts', import.meta.url));
  try {
    const figures = await child.ask<readonly Figure[]>('run', { name: suite, isQuick }, SUITE_MS);
    return { suite, figures };
  } catch (error) {
    if (isInterrupted) return await new Promise(() => {}); // the process is about to end
    const broke = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${suite} broke: ${broke}\n`);
    return { suite, figures: [], broke };
  } finally {
    await child.stop();
  }
}

const flags = flagsOf(process.argv.slice(2));
if (flags === undefined) {
  process.stderr.write(USAGE);
  process.exit(2);
}
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    isInterrupted = true;
    void leave().finally(() => process.exit(code));
  });
}
const on = machine();
process.stdout.write(`${machineLine(on)}\n`);
if (flags.isQuick) process.stdout.write('quick: these figures measure nothing worth telling\n');
const results: SuiteResult[] = [];
for (const suite of flags.suites) results.push(await run(suite, flags.isQuick));

process.stdout.write(`\n${tableOf(results)}\n`);
const figures = results.flatMap(({ figures }) => figures);
const missed = figures.filter((figure) => verdictOf(figure) === 'MISSED').length;
if (missed > 0) process.stdout.write(`\n${missed} missed: bench/README.md says what it would take.\n`);
if (flags.json !== undefined) {
  const told = results.map((result) => ({
    ...result,
    figures: result.figures.map((figure) => ({ ...figure, verdict: verdictOf(figure) })),
  }));
  writeFileSync(
    flags.json,
    `${JSON.stringify({ machine: on, isQuick: flags.isQuick, suites: told }, null, 2)}\n`,
  );
}
process.exit(results.some(({ broke }) => broke !== undefined) ? 1 : 0);
