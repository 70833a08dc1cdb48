/** What the tests of the image, which need a Docker engine, must not leave out; and what `.ci/run`, which calls them, says. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(import.meta.dirname, 'test.sh'), 'utf8');
/** What each check calls, in order. */
const calls = [...text.matchAll(/^ *check "[^"]*" (.+)$/gm)].map(([, call = '']) => call);

test('after each stop and kill under load it starts, and all that was acknowledged is looked for', () => {
  const ends = calls.flatMap((call, at) => (/^\w+_under_load /.test(call) ? [at] : []));
  expect(ends).toHaveLength(4);
  for (const at of ends) {
    const name = calls[at]?.split(' ').at(-1);
    const [starts, ...then] = calls.slice(at + 1, at + 4);
    expect(starts).toMatch(new RegExp(`^starts_(soon|again) ${name}$`));
    expect(then).toEqual([`knows_all ${name}`, `verifies ${name}`]);
  }
});

/** Runs `.ci/run` in a copy of what it needs, where these stand in for the tools it calls. */
function runOfCi(tools: Record<string, string>): { status: number | null; lines: string[] } {
  const checkout = mkdtempSync(join(tmpdir(), 'itirp-ci-'));
  try {
    for (const part of ['.ci', 'deploy/docker'])
      cpSync(join(ROOT, part), join(checkout, part), { recursive: true });
    const stands = join(checkout, 'stands');
    mkdirSync(stands);
    for (const [name, does] of Object.entries({ npx: ':', docker: 'exit 1', ...tools })) {
      writeFileSync(join(stands, name), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
    }
    const env = { ...process.env, PATH: `${stands}${delimiter}${process.env.PATH ?? ''}`, BASE_IMAGES: '' };
    const { status, stdout } = spawnSync('bash', [join(checkout, '.ci', 'run')], { env, encoding: 'utf8' });
    return { status, lines: stdout.trim().split('\n') };
  } finally {
    rmSync(checkout, { recursive: true });
  }
}

describe('what CI runs', () => {
  test('is green where no Docker engine answers, says in words that no image was built, and ends with its totals', () => {
    const { status, lines } = runOfCi({ npm: 'echo 2 passed, 0 failed' });
    expect(lines.at(-1)).toMatch(/^\d+ passed, 0 failed, 1 skipped$/);
    expect(lines.at(-2)).toMatch(/^The image was not built: no Docker engine answers here\./);
    expect(status).toBe(0);
  });

  test('names at its end, where a long log is read first, each test and each step that failed', () => {
    const npm = `case "$*" in
      test) echo '  ✗ failed: a.test.ts: a story: why'; echo '  ✗ unit 1 passed, 1 failed'; echo '1 passed, 1 failed'; exit 1 ;;
      *stack:drill*) exit 1 ;;
      *test:deploy*) exit 1 ;;
      *) echo 2 passed, 0 failed ;;
    esac`;
    const { status, lines } = runOfCi({ npm });
    expect(lines.slice(-6, -2)).toEqual([
      '  ✗ failed: a.test.ts: a story: why',
      '  ✗ unit 1 passed, 1 failed',
      '✗ failed: nothing is lost while one part after another is killed',
      '✗ failed: tests of the deployment ended without its totals',
    ]);
    expect(lines.at(-1)).toMatch(/^\d+ passed, 3 failed, 1 skipped$/);
    expect(status).toBe(1);
  });
});
