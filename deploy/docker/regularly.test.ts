/** What runs by the clock in containers: when it runs next, that a failure does not end it, and that a stop is heard. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let folder: string;
let running: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'itirp-regularly-'));
});
afterEach(async () => {
  if (running !== undefined) await stop(running);
  rmSync(folder, { recursive: true });
});

/** Stands in for the program `name`; what it is called with goes down in `said`. */
const stand = (name: string, does: string): void =>
  writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >> "${folder}/said"\n${does}\n`, {
    mode: 0o755,
  });

const said = (): readonly string[] =>
  existsSync(join(folder, 'said')) ? readFileSync(join(folder, 'said'), 'utf8').trim().split('\n') : [];

/** In the middle of `now`, with stand-ins before all else. */
function begin(now: string, ...args: readonly string[]): ChildProcess {
  const seconds = Date.parse(now) / 1000;
  writeFileSync(join(folder, 'date'), `#!/bin/sh\necho ${seconds}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`, TMPDIR: folder };
  running = spawn('sh', [join(import.meta.dirname, 'regularly.sh'), ...args], { env, stdio: 'ignore' });
  return running;
}

/** The exit code. */
async function stop(process: ChildProcess): Promise<number | null> {
  const ended = new Promise<void>((resolve) => process.once('exit', () => resolve()));
  if (process.exitCode === null && process.kill('SIGTERM')) await ended;
  return process.exitCode;
}

const WAIT = { timeout: 30_000, interval: 20 };
const NIGHTLY = ['86400', '7200', 'verify'];
const WEEKLY = ['604800', '280800', 'drill'];

test.each([
  ['2026-11-30T01:59:00Z', NIGHTLY, '2026-11-30T02:00:00Z'],
  ['2026-11-30T02:00:00Z', NIGHTLY, '2026-12-01T02:00:00Z'],
  ['2026-11-30T12:34:56Z', NIGHTLY, '2026-12-01T02:00:00Z'],
  ['2026-11-30T12:34:56Z', WEEKLY, '2026-12-06T06:00:00Z'], // from a Monday to a Sunday
  ['2026-11-29T05:00:00Z', WEEKLY, '2026-11-29T06:00:00Z'],
  ['2026-11-30T12:34:56Z', ['3600', '0', 'backup'], '2026-11-30T13:00:00Z'],
])('at %s, %j runs at once and next at %s', async (now, args, next) => {
  stand('itirp', '');
  stand('sleep', 'exec tail -f /dev/null');
  const process = begin(now, ...args);
  const seconds = (Date.parse(next) - Date.parse(now)) / 1000;
  await vi.waitFor(() => expect(said()).toEqual([`itirp ${args.at(-1)}`, `sleep ${seconds}`]), WAIT);
  expect(existsSync(join(folder, 'good'))).toBe(true);
  expect(await stop(process)).toBe(143);
});

test('what fails is tried again after an hour, and goes on by the clock when it is good', async () => {
  stand('itirp', `test "$(grep -c ^itirp "${folder}/said")" -gt 2`);
  stand('sleep', 'test "$1" = 3600 || exec tail -f /dev/null');
  begin('2026-11-30T12:00:00Z', ...NIGHTLY);
  const again = ['itirp verify', 'sleep 3600'];
  await vi.waitFor(() => expect(said()).toEqual([...again, ...again, 'itirp verify', 'sleep 50400']), WAIT);
});

test('a run that is stopped has its last words', async () => {
  stand(
    'itirp',
    `trap 'sleep 1; echo interrupted >> "${folder}/said"; exit 143' TERM; while :; do /bin/sleep 0.1; done`,
  );
  stand('sleep', 'exec /bin/sleep "$1"');
  const process = begin('2026-11-30T12:00:00Z', ...WEEKLY);
  await vi.waitFor(() => expect(said()).toEqual(['itirp drill']), WAIT);
  expect(await stop(process)).toBe(143);
  expect(said()).toEqual(['itirp drill', 'sleep 1', 'interrupted']);
  expect(existsSync(join(folder, 'good'))).toBe(false);
});
