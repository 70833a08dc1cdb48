import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { SUITES, type SuiteName } from './run/suites.ts';

const run = promisify(execFile);
/** What runs the whole stack is tried out where there is one. */
const NEEDS_STACK: readonly SuiteName[] = ['nodes'];
const TRIED = SUITES.filter((name) => !NEEDS_STACK.includes(name));
/** One after the other, each with processes and servers of its own; a busy machine takes its time. Milliseconds. */
const PATIENCE_MS = 300_000;
const BENCH = fileURLToPath(new URL('./bench.ts', import.meta.url));

interface Told {
  readonly machine: { readonly node: string };
  readonly suites: readonly {
    readonly suite: string;
    readonly broke?: string;
    readonly figures: readonly { readonly name: string; readonly value: number; readonly verdict: string }[];
  }[];
}

/** What the run measured is nothing worth telling: that it measured something is. */
test(
  'every benchmark runs, and tells its figures as a table and as JSON',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'itirp-bench-test-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const json = join(folder, 'figures.json');
    const { stdout } = await run(process.execPath, [
      BENCH,
      '--only',
      TRIED.join(','),
      '--quick',
      '--json',
      json,
    ]);
    const told = JSON.parse(await readFile(json, 'utf8')) as Told;

    expect(told.machine.node).toBe(process.versions.node);
    expect(told.suites.map(({ suite }) => suite)).toEqual(TRIED);
    for (const { broke, figures } of told.suites) {
      expect(broke).toBeUndefined();
      expect(figures.length).toBeGreaterThan(0);
      for (const { name, value } of figures) {
        expect(value, name).not.toBeNaN();
        expect(stdout).toContain(name);
      }
      expect(figures.some(({ verdict }) => verdict !== 'told')).toBe(true);
    }
  },
  PATIENCE_MS,
);

test('a benchmark that nobody knows is a wrong flag', async () => {
  await expect(run(process.execPath, [BENCH, '--only', 'luck'])).rejects.toMatchObject({ code: 2 });
});
