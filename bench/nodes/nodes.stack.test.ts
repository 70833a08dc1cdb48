import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const BENCH = fileURLToPath(new URL('../bench.ts', import.meta.url));

interface Told {
  readonly suites: readonly {
    readonly broke?: string;
    readonly figures: readonly { readonly name: string; readonly value: number; readonly verdict: string }[];
  }[];
}

/** What it measured is nothing worth telling: that it did, on a stack of its own, with deaths in it, is. */
test('the benchmark of many nodes runs, and tells a figure for each of its promises', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-bench-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const json = join(folder, 'figures.json');
  const args = ['--expose-gc', BENCH, '--only', 'nodes', '--quick', '--json', json];
  await promisify(execFile)(process.execPath, args);
  const [told] = (JSON.parse(await readFile(json, 'utf8')) as Told).suites;
  expect(told?.broke).toBeUndefined();
  for (const { name, value } of told?.figures ?? []) expect(value, name).not.toBeNaN();
  expect(told?.figures.filter(({ verdict }) => verdict !== 'told')).toHaveLength(8);
});
