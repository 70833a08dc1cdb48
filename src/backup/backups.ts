/** Takes backups into a vault, reads each one back before it counts, and lets old ones go, never the last good one. */

import { Fault } from '../faults/fault.ts';
import type { Manifest, PartLabel } from './archive.ts';
import { readArchive } from './archive-reader.ts';
import { archiveOf } from './archive-writer.ts';
import { backupName, deploymentOf, plainDeployment, takenAt } from './backup-name.ts';
import type { Secret } from './keys.ts';
import type { BackupSource } from './source.ts';
import type { Stored, Vault } from './vault.ts';

export interface BackupOptions {
  readonly vault: Vault;
  readonly secret: Secret | undefined;
  readonly source: BackupSource;
  /** A part of the name; several deployments may keep theirs in one place. */
  readonly deployment: string;
  /** Backups of the deployment that are older go, when this one is good. Undefined: all stay. */
  readonly keepDays?: number | undefined;
  readonly now?: () => Date;
  readonly onProgress?: (part: PartLabel, rows: number) => void;
}

export interface Taken {
  readonly name: string;
  readonly bytes: number;
  readonly manifest: Manifest;
  readonly removed: readonly string[];
}

const DAY_MS = 24 * 3_600_000;

/**
 * Resolves when the backup is kept as a whole and was read back.
 * @throws Fault BACKUP_UNAVAILABLE, BACKUP_INVALID: it does not read back, and no older one was removed
 * @throws Fault BACKUP_INVALID: it holds no fact, and the one before it does; it is gone again
 * @throws Fault DATABASE_UNAVAILABLE, JOURNAL_CORRUPT: nothing was kept
 */
export async function takeBackup(options: BackupOptions): Promise<Taken> {
  const { vault, secret, source, onProgress } = options;
  const now = options.now ?? (() => new Date());
  await vault.sweep();
  const name = backupName(options.deployment, now());
  await source.dumping((dump) => {
    const file = archiveOf(dump, { secret, now: () => now().toISOString(), onProgress });
    return vault.write(name, file);
  });
  const { bytes, manifest } = await readBack(vault, name, secret);
  const hasFacts = holdsFacts(manifest); // else it may be of the wrong database
  if (!hasFacts) await standBack(options, name);
  const removed =
    options.keepDays === undefined || !hasFacts
      ? []
      : await forget(vault, now().getTime() - options.keepDays * DAY_MS, name);
  return { name, bytes, manifest, removed };
}

const holdsFacts = ({ heads }: Manifest): boolean => heads.some(({ position }) => position > 0);

/**
 * The newest backup is the one that is restored: one of a server that was just set up, before anything was restored
 * there, must not take the place of one that holds facts. An older one that does not read counts as one that does.
 */
async function standBack({ vault, secret, deployment }: BackupOptions, empty: string): Promise<void> {
  const before = (await listBackups(vault)).find(
    ({ name }) => name !== empty && deploymentOf(name) === plainDeployment(deployment),
  );
  if (before === undefined) return;
  const isEmptyToo = await readBack(vault, before.name, secret).then(
    ({ manifest }) => !holdsFacts(manifest),
    () => false,
  );
  if (isEmptyToo) return;
  await vault.remove(empty);
  const says = `the database holds no fact, and ${before.name} does: is it the right one, and was it restored?`;
  throw new Fault('BACKUP_INVALID', says);
}

/** Reads a backup to its end: every checksum holds. @throws Fault BACKUP_INVALID, BACKUP_UNAVAILABLE */
async function readBack(
  vault: Vault,
  name: string,
  secret: Secret | undefined,
): Promise<{ bytes: number; manifest: Manifest }> {
  let manifest: Manifest | undefined;
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of vault.read(name)) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  for await (const record of readArchive(counted(), secret)) {
    if (record.kind === 'manifest') manifest = record.manifest;
  }
  if (manifest === undefined) throw new Fault('BACKUP_INVALID', `${name} has no manifest`);
  return { bytes, manifest };
}

/** Removes its deployment's backups taken before `oldestMs`. `good` was read back just now: it stays whatever its age. */
async function forget(vault: Vault, oldestMs: number, good: string): Promise<readonly string[]> {
  const removed: string[] = [];
  const deployment = deploymentOf(good);
  for (const { name, at } of await listBackups(vault)) {
    if (name === good || at >= oldestMs || deploymentOf(name) !== deployment) continue;
    await vault.remove(name);
    removed.push(name);
  }
  return removed;
}

export interface Listed extends Stored {
  /** UTC milliseconds. */
  readonly at: number;
}

/** Newest first. What has another name is somebody else's. @throws Fault BACKUP_UNAVAILABLE */
export async function listBackups(vault: Vault): Promise<readonly Listed[]> {
  const listed: Listed[] = [];
  for (const stored of await vault.list()) {
    const at = takenAt(stored.name);
    if (at !== undefined) listed.push({ ...stored, at });
  }
  return listed.sort((one, other) => other.at - one.at);
}

/** The deployment's newest. @throws Fault BACKUP_UNAVAILABLE: it has none there */
export async function newestBackup(vault: Vault, deployment: string): Promise<Listed> {
  const listed = await listBackups(vault);
  const newest = listed.find(({ name }) => deploymentOf(name) === plainDeployment(deployment));
  if (newest !== undefined) return newest;
  const others = [...new Set(listed.map(({ name }) => deploymentOf(name) ?? ''))].sort().join(', ');
  const says = `there is no backup of ${deployment} in ${vault.says}`;
  const hint =
    others === '' ? ' yet: `itirp backup` makes one' : `, but of ${others}: name one, or set DEPLOYMENT`;
  throw new Fault('BACKUP_UNAVAILABLE', `${says}${hint}`);
}
