/** The documents that helm and kustomize make of our files. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { goProgram } from './go-programs.ts';
import { type Manifest, manifestsIn } from './manifest.ts';

export const CHART = join(import.meta.dirname, 'chart', 'itirp');
export const VALUES = join(import.meta.dirname, 'chart', 'values');
export const OVERLAYS = ['dev', 'production'] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** Values that are written in a test, on top of a file of them. */
export interface Given {
  readonly file?: Overlay;
  readonly values?: Readonly<Record<string, unknown>>;
  /** What it is installed as; `itirp` unless a test cares. */
  readonly release?: string;
}

/** @throws Error with helm's words: the values are refused */
export async function renderChart(given: Given): Promise<readonly Manifest[]> {
  return manifestsIn(await helm('template', given));
}

/** What helm tells who has just installed it. */
export const notesOf = async (given: Given): Promise<string> =>
  await helm('install', given, '--dry-run=client');

/** Helm's own opinion of the chart. @throws Error with what it finds */
export async function lintChart(given: Given): Promise<string> {
  return await run(await goProgram('helm'), ['lint', '--strict', CHART, ...valuesOf(given)], given);
}

async function helm(command: string, given: Given, ...more: string[]): Promise<string> {
  const args = [
    command,
    given.release ?? 'itirp',
    CHART,
    '--namespace',
    'itirp',
    ...valuesOf(given),
    ...more,
  ];
  return await run(await goProgram('helm'), args, given);
}

const valuesOf = ({ file }: Given): readonly string[] => [
  ...(file === undefined ? [] : ['--values', join(VALUES, `${file}.yaml`)]),
  '--values',
  '-',
];

export async function renderOverlay(overlay: Overlay): Promise<readonly Manifest[]> {
  const place = join(import.meta.dirname, 'kustomize', 'overlays', overlay);
  return manifestsIn(await run(await goProgram('kustomize'), ['build', place]));
}

async function run(file: string, args: readonly string[], { values }: Given = {}): Promise<string> {
  const running = promisify(execFile)(file, [...args], { maxBuffer: 1e8 });
  running.child.stdin?.end(stringify(values ?? {}));
  const { stdout } = await running.catch((error: Error & { stderr?: string }) => {
    throw new Error(error.stderr?.trim() || error.message, { cause: error });
  });
  return stdout;
}
