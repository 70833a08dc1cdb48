/** Debian packages without installing them: fetched by apt with its own checks, unpacked into a folder, no service started. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

/** Runs a tool to its end. @throws Error with what the tool said, and not its whole command line */
const run = (file: string, args: readonly string[], options: { cwd?: string; maxBuffer?: number } = {}) =>
  promisify(execFile)(file, [...args], options).catch((error: Error & { stderr?: string }) => {
    const words = (error.stderr ?? '').trim();
    throw new Error(words === '' ? error.message : `${file}: ${words}`, { cause: error });
  });

/** Where a program's package lies once unpacked, and the environment in which it finds its libraries. */
export function unpackedRoot(
  program: string,
  software: string,
): { root: string; env: { LD_LIBRARY_PATH: string } } {
  const root = join(software, 'debian', program);
  const architecture = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const libraries = ['usr/lib', 'lib'].map((place) => join(root, place, architecture));
  return { root, env: { LD_LIBRARY_PATH: libraries.join(':') } };
}

/**
 * Unpacks for `program` the first of `packages` that this distribution has, and whatever that needs and the machine has
 * not. Works without being root: apt's lists, caches and locks are private ones.
 * @throws Error when apt is missing, reaches nothing, or knows none of them
 */
export async function unpackDebian(
  program: string,
  packages: readonly string[],
  software: string,
): Promise<void> {
  const { root } = unpackedRoot(program, software);
  if (existsSync(root)) return;
  const scratch = `${root}.${process.pid}`;
  await mkdir(join(scratch, 'root'), { recursive: true });
  try {
    const apt = await privateApt(join(scratch, 'apt'));
    await apt('update');
    await apt('download', ...(await firstOf(packages, apt)));
    for (const file of await readdir(join(scratch, 'apt'))) {
      if (file.endsWith('.deb')) await run('dpkg', ['-x', join(scratch, 'apt', file), join(scratch, 'root')]);
    }
    await turnLinksInward(join(scratch, 'root'));
    await rename(join(scratch, 'root'), root).catch((error: unknown) => {
      if (!existsSync(root)) throw error; // else another process was faster
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What has to be fetched for the first of `packages` that can be installed. @throws Error in apt's words: none can */
async function firstOf(packages: readonly string[], apt: Apt): Promise<readonly string[]> {
  const wishes = ['--print-uris', '--reinstall', '--no-install-recommends', '--yes'];
  const refusals: string[] = [];
  for (const name of packages) {
    try {
      const { stdout } = await apt('install', ...wishes, name);
      return [...stdout.matchAll(/^'[^']+' ([^_\s]+)_\S+\.deb /gm)].map((match) => match[1] ?? '');
    } catch (error) {
      refusals.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(refusals.join('; '));
}

type Apt = (...args: readonly string[]) => Promise<{ stdout: string }>;

async function privateApt(folder: string): Promise<Apt> {
  await mkdir(join(folder, 'lists', 'partial'), { recursive: true });
  await mkdir(join(folder, 'cache', 'archives', 'partial'), { recursive: true });
  const options = [
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=root', // a folder of ours may be closed to apt's own user
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option]);
  return (...args) => run('apt-get', ['-qq', ...options, ...args], { cwd: folder, maxBuffer: 1e8 });
}

/** Packages link to where they would be installed (`/etc/java-17-openjdk`): lead those links into the folder. */
async function turnLinksInward(root: string): Promise<void> {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const link = join(entry.parentPath, entry.name);
    const target = await readlink(link);
    if (!target.startsWith('/') || !existsSync(join(root, target))) continue;
    await rm(link);
    await symlink(relative(dirname(link), join(root, target)), link);
  }
}
