/** systemd's own judge of units: of this machine, else out of Debian's package; it needs no systemd that runs. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unpackDebian, unpackedRoot } from '../../stack/debian.ts';
import { softwareFolder } from '../../stack/software.ts';

export interface Verdict {
  readonly code: number;
  /** Both streams. */
  readonly says: string;
}
export type Analyze = (...args: readonly string[]) => Promise<Verdict>;

/** @throws Error when it is not on this machine and cannot be fetched */
export async function systemdAnalyze(path = process.env.PATH ?? ''): Promise<Analyze> {
  const here = analyzer('systemd-analyze', { PATH: path });
  const found = await here('--version').catch(() => undefined);
  if (found?.code === 0) return here;
  await unpackDebian('systemd', ['systemd'], softwareFolder());
  const { root, env } = unpackedRoot('systemd', softwareFolder());
  const libraries = env.LD_LIBRARY_PATH.split(':').flatMap((folder) => [folder, join(folder, 'systemd')]);
  return analyzer(join(root, 'usr', 'bin', 'systemd-analyze'), { LD_LIBRARY_PATH: libraries.join(':') });
}

const analyzer =
  (file: string, environment: NodeJS.ProcessEnv): Analyze =>
  async (...args) => {
    const env = { ...process.env, ...environment, LC_ALL: 'C.UTF-8' };
    const call = promisify(execFile)(file, args, { env });
    const ended = await call.catch(
      (error: Error & { code?: number | string; stdout?: string; stderr?: string }) => {
        if (typeof error.code !== 'number') throw error; // it did not run at all
        return { code: error.code, stdout: error.stdout ?? '', stderr: error.stderr ?? '' };
      },
    );
    return { code: 'code' in ended ? ended.code : 0, says: `${ended.stdout}${ended.stderr}` };
  };

/** What a unit leans on without naming it, and what ours name: a root has to have them. */
const TARGETS = [
  'sysinit',
  'basic',
  'shutdown',
  'multi-user',
  'timers',
  'network-online',
  'time-sync',
  'time-set',
];

/** Where the page puts each drop-in. */
export const DROP_INS = {
  'external-postgres.conf': ['itirp.service.d', 'itirp-.service.d'],
  'kafka-password.conf': ['itirp@.service.d', 'itirp-doctor@.service.d'],
  's3.conf': ['itirp-.service.d', 'itirp.service.d', 'itirp@.service.d'],
} as const;

/** A root of a machine on which ITIRP is installed: its units and drop-ins in their places, and a program. */
export async function machineRoot(root: string): Promise<void> {
  const units = join(root, 'etc', 'systemd', 'system');
  await mkdir(units, { recursive: true });
  for (const target of TARGETS)
    await writeFile(join(units, `${target}.target`), `[Unit]\nDescription=${target}\n`);
  const here = import.meta.dirname;
  for (const name of await readdir(here)) {
    if (/\.(service|timer)$/.test(name)) await cp(join(here, name), join(units, name));
  }
  for (const [name, folders] of Object.entries(DROP_INS))
    for (const folder of folders) await cp(join(here, name), join(units, folder, name));
  const program = join(root, 'opt', 'itirp', 'bin', 'itirp.js');
  await mkdir(dirname(program), { recursive: true });
  await writeFile(program, '#!/bin/sh\n', { mode: 0o755 });
}
