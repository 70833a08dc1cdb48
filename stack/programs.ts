/** Programs that npm does not bring: taken from the machine, else from Debian's packages, unpacked into our folder. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, glob } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { unpackDebian, unpackedRoot } from './debian.ts';
import type { Say } from './kafka-jars.ts';

/** A program and what has to be in its environment. */
export interface Program {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Wanted {
  readonly name: string;
  /** The program under whose name the package is unpacked, where it holds several. */
  readonly besides?: string;
  /** The first that a distribution has: their names differ. */
  readonly debianPackages: readonly [string, ...string[]];
  /** The folder in the package that has it; `*` stands for any one name. */
  readonly place: string;
  /** Throws, or resolves with false, when this one will not do. */
  readonly isRight: (program: Program) => Promise<boolean>;
}

/** Programs of the system that a user's PATH often leaves out. */
const SYSTEM_PLACES = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
const JAVA_MAJOR_MIN = 17;

const answersWith =
  (flag: string, isRight: (words: string) => boolean) =>
  async ({ file, env }: Program): Promise<boolean> => {
    const { stdout, stderr } = await promisify(execFile)(file, [flag], { env: { ...process.env, ...env } });
    return isRight(stdout + stderr);
  };

const majorOf = (words: string, pattern: RegExp): number => Number(pattern.exec(words)?.[1] ?? 0);

const isPrometheus = (words: string): boolean => majorOf(words, /version (\d+)/) >= 2;

const WANTED = {
  java: {
    name: 'java',
    debianPackages: ['openjdk-21-jre-headless', 'openjdk-17-jre-headless', 'default-jre-headless'],
    place: 'usr/lib/jvm/*/bin',
    isRight: answersWith('-version', (words) => majorOf(words, /version "(\d+)/) >= JAVA_MAJOR_MIN),
  },
  redis: {
    name: 'redis-server',
    debianPackages: ['redis-server'],
    place: 'usr/bin',
    isRight: answersWith('--version', (words) => majorOf(words, /v=(\d+)/) >= 7),
  },
  haproxy: {
    name: 'haproxy',
    debianPackages: ['haproxy'],
    place: 'usr/sbin',
    isRight: answersWith('-v', (words) => majorOf(words, /version (\d+)/i) >= 2),
  },
  prometheus: {
    name: 'prometheus',
    debianPackages: ['prometheus'],
    place: 'usr/bin',
    isRight: answersWith('--version', isPrometheus),
  },
  promtool: {
    name: 'promtool',
    besides: 'prometheus',
    debianPackages: ['prometheus'],
    place: 'usr/bin',
    isRight: answersWith('--version', isPrometheus),
  },
} as const satisfies Record<string, Wanted>;

/**
 * Where `which` is; brought from Debian's packages into `software` when this machine has none that will do.
 * @throws Error with the remedy, when it cannot be had
 */
export async function findProgram(
  which: keyof typeof WANTED,
  software: string,
  say: Say = () => {},
): Promise<Program> {
  const wanted: Wanted = WANTED[which];
  const here = await onThisMachine(wanted, software);
  if (here !== undefined) return here;
  say(`${wanted.name}: taken from Debian's packages`);
  const names = wanted.debianPackages.join(' or ');
  const remedy = `install it (Debian, Ubuntu: apt-get install ${names}) and have it on the PATH`;
  try {
    await unpackDebian(folderOf(wanted), wanted.debianPackages, software);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${wanted.name} is not on this machine; ${remedy}. It could not be fetched: ${why}`, {
      cause: error,
    });
  }
  const unpacked = await onThisMachine(wanted, software);
  if (unpacked === undefined) throw new Error(`${wanted.name} does not run here as unpacked; ${remedy}`);
  return unpacked;
}

const folderOf = ({ name, besides }: Wanted): string => besides ?? name;

async function onThisMachine(wanted: Wanted, software: string): Promise<Program | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_PLACES];
  const found: Program[] = folders.map((folder) => ({ file: join(folder, wanted.name), env: {} }));
  const { root, env } = unpackedRoot(folderOf(wanted), software);
  for await (const file of glob(join(root, wanted.place, wanted.name))) found.push({ file, env });
  for (const program of found) {
    const runs = await access(program.file, constants.X_OK)
      .then(
        () => wanted.isRight(program),
        () => false,
      )
      .catch(() => false);
    if (runs) return program;
  }
  return undefined;
}
