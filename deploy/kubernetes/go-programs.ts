/** Programs that are written in Go: taken from the machine, else built once from Go's module proxy into our folder. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { softwareFolder } from '../../stack/software.ts';

const run = promisify(execFile);

interface GoProgram {
  readonly module: string;
  readonly version: string;
  /** What `go install` builds, within the module. */
  readonly place: string;
  /** Makes a program on the PATH say its version; one that is too old to understand it will not do. */
  readonly asks: readonly string[];
}

const PROGRAMS = {
  helm: { module: 'helm.sh/helm/v4', version: 'v4.3.2', place: '/cmd/helm', asks: ['version', '--short'] },
  kustomize: {
    module: 'sigs.k8s.io/kustomize/kustomize/v5',
    version: 'v5.8.2',
    place: '',
    asks: ['version'],
  },
} as const satisfies Record<string, GoProgram>;

/**
 * Where `name` is. Building takes minutes the first time, and nothing after that.
 * @throws Error with the remedy, in one line: it is not on this machine, and cannot be built here
 */
export async function goProgram(name: keyof typeof PROGRAMS): Promise<string> {
  const { module, version, place, asks }: GoProgram = PROGRAMS[name];
  const isHere = await run(name, [...asks]).then(
    () => true,
    () => false,
  );
  if (isHere) return name;
  const folder = join(softwareFolder(), 'go', `${name}-${version}`);
  if (existsSync(join(folder, name))) return join(folder, name);
  const scratch = `${folder}.${process.pid}`;
  await mkdir(scratch, { recursive: true });
  try {
    await go(name, ['install', '-ldflags=-s -w', `${module}${place}@${version}`], { GOBIN: scratch });
    await rename(scratch, folder).catch((error: unknown) => {
      if (!existsSync(join(folder, name))) throw error; // else another process was faster
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return join(folder, name);
}

/** The folder of `module` at exactly `version`, as the module proxy has it. @throws Error with the remedy */
export async function goModule(module: string, version: string): Promise<string> {
  const { stdout } = await go(module, ['mod', 'download', '-json', `${module}@${version}`]);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

async function go(wanted: string, args: readonly string[], more: Record<string, string> = {}) {
  const env = { ...process.env, GOFLAGS: '', ...more };
  return await run('go', [...args], { env, maxBuffer: 1e8 }).catch((error: Error & { stderr?: string }) => {
    const why = error.stderr?.trim().split('\n').at(-1) ?? error.message;
    throw new Error(`${wanted} is not here: have it on the PATH, or Go 1.26 to fetch it with (${why})`, {
      cause: error,
    });
  });
}
