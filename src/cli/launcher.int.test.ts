/** The launcher under an old Node: it hands over to the right one, and neither outlives the other. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { standingMarket } from '../../test/market.ts';
import { Folder } from '../../test/server.ts';
import { findPostmaster } from '../database/postmaster.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** The launcher believes to run on an old Node; the one it hands over to is not told so. */
const OLD_NODE =
  "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.0.0'}})";
const hasNodeFromNpm = [`node-${process.platform}-${process.arch}/bin/node`, '.bin/node'].some((path) =>
  existsSync(join(ROOT, 'node_modules', path)),
);

let folder: Folder;
beforeEach(async () => {
  folder = await Folder.make();
});
afterEach(() => folder.remove());

function launch(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  { detached = false } = {},
): ChildProcess {
  const { POSTGRES_URL: _, ...inherited } = process.env;
  const env = { ...inherited, DATA_DIR: folder.path, PORT: '0', ...settings };
  const command = ['--import', OLD_NODE, join(ROOT, 'bin', 'itirp.js'), ...args];
  return spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'inherit'], detached });
}

/** Where the server listens, and a promise of its last word: its end of the pipe closes with it. */
async function listening({ stdout }: ChildProcess): Promise<{ url: string; ended: Promise<unknown> }> {
  if (stdout === null) throw new Error('the launcher has no standard output');
  const lines = createInterface({ input: stdout });
  const ended = once(stdout, 'close');
  const { promise, resolve } = Promise.withResolvers<string>();
  lines.on('line', (line) => {
    const url = /"address":"([^"]+)"/.exec(line)?.[1];
    if (url !== undefined) resolve(url);
  });
  return { url: await promise, ended };
}

describe.skipIf(!hasNodeFromNpm)('under an old Node', () => {
  test('a short command ends, with its exit code', async () => {
    const [good] = await once(launch(['--version']), 'close');
    const [bad] = await once(launch(['verify']), 'close');
    expect([good, bad]).toEqual([0, 1]);
  });

  test('a launcher that is killed takes the server with it, gracefully: its PostgreSQL is stopped', async () => {
    const market = await standingMarket(folder.path, [
      { ticker: 'AAPL', bid: '149.98', ask: '150.00', size: 1_000_000 },
    ]);
    const launcher = launch(['serve', '--demo'], market);
    const { url, ended } = await listening(launcher);
    expect((await fetch(`${url}/api/v1/health`)).status).toBe(200);
    launcher.kill('SIGKILL');
    await ended;
    await expect(fetch(`${url}/api/v1/health`)).rejects.toThrow();
    expect(await findPostmaster(join(folder.path, 'postgres'))).toBeUndefined();
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s to the whole group is one signal: it stops gracefully',
    async (signal) => {
      const launcher = launch(['serve', '--demo'], {}, { detached: true });
      const { ended } = await listening(launcher);
      process.kill(-(launcher.pid ?? 0), signal); // as timeout, a supervisor or a runner of jobs sends it
      await ended;
      expect(await findPostmaster(join(folder.path, 'postgres'))).toBeUndefined();
    },
  );
});
