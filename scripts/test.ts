/** `npm test`: types, lint, house rules, then every test there is; one line a step, and one total at the end. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** Vitest tells its totals in a file; the other tools pass or fail as a whole. */
  readonly isVitest: boolean;
}

interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  /** Each failed test with the beginning of why, said once more at the end, where a long log is read first. */
  readonly failures: readonly string[];
}

type Counted = Pick<Outcome, 'passed' | 'failed' | 'skipped'> & Partial<Pick<Outcome, 'failures'>>;

const tool = (name: string, ...command: string[]): Step => ({ name, command, isVitest: false });
const tests = (name: string, ...args: string[]): Step => ({
  name,
  command: ['vitest', 'run', ...args],
  isVitest: true,
});

const STEPS: readonly Step[] = [
  tool('types', 'tsc', '--noEmit'),
  tool('format', 'biome', 'check', '.'),
  tool('lint', 'oxlint', '--type-aware', '--deny-warnings'),
  tests('house', '--project', 'unit', 'house.test.ts'),
  tests('unit', '--project', 'unit', '--exclude', 'house.test.ts'),
  tests('integration', '--project', 'integration'),
  tests('chaos', '--project', 'chaos'),
];

/** Only where they are named: one takes a quarter of an hour and the whole machine, the other outside tools. */
const ON_REQUEST: readonly Step[] = [
  tests('stack', '--project', 'stack'),
  tests('deploy', '--project', 'deploy'),
];

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'itirp-test-'));
const path = join(root, 'node_modules', '.bin') + delimiter + (process.env.PATH ?? '');

/** Runs a step. Vitest speaks as it goes; a quiet tool's words are kept and shown when it fails. */
async function run(step: Step): Promise<Outcome> {
  const totals = join(scratch, `${step.name}.json`);
  const report = step.isVitest
    ? ['--reporter=default', '--reporter=json', `--outputFile.json=${totals}`]
    : [];
  const [file = '', ...args] = [...step.command, ...report];
  const began = performance.now();
  process.stdout.write(`\n▸ ${step.name}: ${step.command.join(' ')}\n`);

  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', step.isVitest ? 'inherit' : 'pipe', step.isVitest ? 'inherit' : 'pipe'],
    shell: process.platform === 'win32',
  });
  const words: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => words.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => words.push(chunk));
  const code = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', (exit) => resolve(exit ?? 1));
  });
  if (code !== 0) process.stdout.write(Buffer.concat(words));
  const seconds = (performance.now() - began) / 1000;
  const counted = step.isVitest ? totalsOf(totals, code) : totalOf(code);
  const { failures = [] } = counted;
  const isUnnamed = counted.failed > 0 && failures.length === 0; // it ended too early to tell, or is no test
  return {
    ...counted,
    name: step.name,
    seconds,
    failures: isUnnamed ? [`${step.name}: code ${code}`] : failures,
  };
}

const totalOf = (code: number): Counted =>
  code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };

interface Report {
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly numPendingTests?: number;
  readonly numTodoTests?: number;
  readonly testResults?: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Vitest's own numbers. A run that failed without a failing test (a file that does not load) counts as one. */
function totalsOf(file: string, code: number): Counted {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }; // it ended before it could tell
  }
  const failed = report.numFailedTests ?? 0;
  return {
    passed: report.numPassedTests ?? 0,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
    failures: failuresOf(report),
  };
}

function failuresOf(report: Report): string[] {
  return (report.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const where = relative(root, name);
    const failures = assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => `${where}: ${test.fullName}: ${beginningOf(test.failureMessages?.[0] ?? '')}`);
    return failures.length > 0 || status !== 'failed' ? failures : [`${where}: ${beginningOf(message)}`];
  });
}

const beginningOf = (message: string): string => message.replaceAll(/\s+/g, ' ').trim().slice(0, 400);

function print(outcomes: readonly Outcome[]): void {
  const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0);
  process.stdout.write('\n');
  for (const failure of outcomes.flatMap(({ failures }) => failures)) {
    process.stdout.write(`  ✗ failed: ${failure}\n`);
  }
  for (const { name, passed, failed, skipped, seconds } of outcomes) {
    const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    const mark = failed === 0 ? '✓' : '✗';
    process.stdout.write(`  ${mark} ${name.padEnd(12)} ${counts.padEnd(34)} ${seconds.toFixed(1)} s\n`);
  }
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}\n`);
}

/** `npm test -- types unit` runs only these. */
const wanted = process.argv.slice(2);
const all = [...STEPS, ...ON_REQUEST];
const steps = wanted.length === 0 ? STEPS : all.filter(({ name }) => wanted.includes(name));
if (steps.length === 0) throw new Error(`no such step; there are: ${all.map(({ name }) => name).join(', ')}`);

const outcomes: Outcome[] = [];
try {
  for (const step of steps) outcomes.push(await run(step));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
print(outcomes);
process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;
