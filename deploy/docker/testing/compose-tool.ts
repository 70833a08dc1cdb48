/** The compose tool: Docker's own plugin, else the older program on the PATH, else that one from Debian's packages. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackDebian, unpackedRoot } from '../../../stack/debian.ts';
import { softwareFolder } from '../../../stack/software.ts';

type Words = readonly [file: string, ...args: string[]];

/** Runs it in the folder of compose.yaml. Resolves with what it printed. @throws Error with what it complained of */
export type Compose = (...args: readonly string[]) => Promise<string>;

const FOLDER = join(import.meta.dirname, '..');

const run = async ([file, ...before]: Words, args: readonly string[], env: object): Promise<string> => {
  const options = { cwd: FOLDER, env: { ...process.env, ...env }, maxBuffer: 1e7 };
  return (await promisify(execFile)(file, [...before, ...args], options)).stdout;
};

const answers = (words: Words, env: object): Promise<boolean> =>
  run(words, ['version'], env).then(
    () => true,
    () => false,
  );

/** @throws Error when it is not here and cannot be fetched */
export async function findCompose(): Promise<Compose> {
  for (const words of [['docker', 'compose'], ['docker-compose']] as const) {
    if (await answers(words, {})) return (...args) => run(words, args, {});
  }
  const software = softwareFolder();
  const { root, env } = unpackedRoot('docker-compose', software);
  await unpackDebian('docker-compose', ['docker-compose'], software);
  const modules = { ...env, PYTHONPATH: join(root, 'usr/lib/python3/dist-packages') };
  const unpacked = join(root, 'usr/bin/python3');
  const python = existsSync(unpacked) ? unpacked : 'python3';
  const words: Words = [python, join(root, 'usr/bin/docker-compose')];
  if (!(await answers(words, modules))) throw new Error('docker-compose does not run here as unpacked');
  return (...args) => run(words, args, modules);
}
