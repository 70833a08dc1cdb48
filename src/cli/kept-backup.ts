/** What the commands on backups share: where they are, which one is meant, and with what key it opens. */
import { readFile, stat } from 'node:fs/promises';
import { takenAt } from '../backup/backup-name.ts';
import { newestBackup } from '../backup/backups.ts';
import { readSecret, readStrongSecret, type Secret } from '../backup/keys.ts';
import type { Vault } from '../backup/vault.ts';
import { messageOf } from '../database/outage.ts';
import { Fault } from '../faults/fault.ts';
import type { Config } from '../main/config.ts';
import { placeOf, vaultAt } from '../main/vaults.ts';

/** Options that every command on backups has. */
export interface BackupFlags {
  readonly keyFile?: string;
}

/** What a backup was sealed with. @throws Fault ARGUMENT_INVALID: the file cannot be read, or holds no key */
export async function secretOf(flags: BackupFlags, config: Config): Promise<Secret | undefined> {
  const contents = await keyFile(flags, config);
  return contents === undefined ? undefined : readSecret(contents);
}

/** What a new backup is to be sealed with. @throws Fault ARGUMENT_INVALID: also where it is a weak one */
export async function newSecretOf(flags: BackupFlags, config: Config): Promise<Secret | undefined> {
  const contents = await keyFile(flags, config);
  return contents === undefined ? undefined : readStrongSecret(contents);
}

async function keyFile(flags: BackupFlags, config: Config): Promise<Buffer | undefined> {
  const file = flags.keyFile ?? config.BACKUP_KEY_FILE;
  if (file === undefined) return undefined;
  return await readFile(file).catch((error: unknown) => {
    throw new Fault('ARGUMENT_INVALID', `the key file: ${messageOf(error)}`, { cause: error });
  });
}

/** @throws Fault ARGUMENT_INVALID: neither the command nor BACKUP_TO says where */
export function vaultFor(given: string | undefined, option: string, config: Config): Vault {
  const where = given ?? config.BACKUP_TO;
  if (where === undefined) throw new Fault('ARGUMENT_INVALID', `say where with ${option}, or set BACKUP_TO`);
  return vaultAt(where, config);
}

export interface KeptBackup {
  readonly vault: Vault;
  readonly name: string;
}

/**
 * The backup that `from` names; the deployment's newest one where it names a place.
 * @throws Fault BACKUP_UNAVAILABLE: there is none; ARGUMENT_INVALID
 */
export async function keptBackup(from: string | undefined, config: Config): Promise<KeptBackup> {
  if (from !== undefined) {
    const { where, name } = placeOf(from);
    const isFile = await stat(from).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile || takenAt(name) !== undefined) {
      return { vault: vaultAt(where, config), name };
    }
  }
  const vault = vaultFor(from, '--from', config);
  return { vault, name: (await newestBackup(vault, config.DEPLOYMENT)).name };
}
