/** Checkpoints kept a second time, elsewhere: an object each, so that none has to be rewritten there. */
import type { Checkpoint } from './checkpoint.ts';
import type { Vault } from './vault.ts';

const ENDING = '.checkpoint';

/** Sorted by name is sorted by time. */
export function mirroredName(line: string): string {
  const { shard, sequence, key } = JSON.parse(line) as Checkpoint;
  const plain = encodeURIComponent(shard).replaceAll('%', '_');
  return `${plain}-${key}-${String(sequence).padStart(12, '0')}${ENDING}`;
}

/** Those of `lines` that are not there yet. @throws Fault BACKUP_UNAVAILABLE */
export async function notIn(mirror: Vault, lines: readonly string[]): Promise<readonly string[]> {
  const there = new Set((await mirror.list()).map(({ name }) => name));
  return lines.filter((line) => !there.has(mirroredName(line)));
}

/** The lines of one node's file for one shard. */
export interface MirroredFile {
  readonly shard: string;
  readonly lines: readonly string[];
}

/** Every file that is kept there, whoever signed it, in the order of its names. @throws Fault BACKUP_UNAVAILABLE */
export async function mirroredFiles(mirror: Vault): Promise<readonly MirroredFile[]> {
  const names = (await mirror.list()).map(({ name }) => name).filter((name) => name.endsWith(ENDING));
  const files = new Map<string, string[]>();
  for (const name of names.sort()) {
    const file = name.slice(0, name.lastIndexOf('-'));
    files.set(file, [...(files.get(file) ?? []), await textOf(mirror, name)]);
  }
  return [...files.values()].map((lines) => ({ shard: shardOf(lines), lines }));
}

/** When the newest of each shard was signed, whoever signed it. Reads one object a file. @throws Fault BACKUP_UNAVAILABLE */
export async function newestMirrored(mirror: Vault): Promise<ReadonlyMap<string, Date>> {
  const names = (await mirror.list()).map(({ name }) => name).filter((name) => name.endsWith(ENDING));
  const last = new Map(names.sort().map((name) => [name.slice(0, name.lastIndexOf('-')), name]));
  const newest = new Map<string, Date>();
  for (const name of last.values()) {
    const { shard, at } = JSON.parse(await textOf(mirror, name)) as Checkpoint;
    const signedAt = new Date(at);
    if (signedAt > (newest.get(shard) ?? new Date(0))) newest.set(shard, signedAt);
  }
  return newest;
}

async function textOf(mirror: Vault, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of mirror.read(name)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** A line that does not read is found when it is proven. */
function shardOf([first = '']: readonly string[]): string {
  try {
    return (JSON.parse(first) as Checkpoint).shard;
  } catch {
    return 'a shard that does not read';
  }
}
