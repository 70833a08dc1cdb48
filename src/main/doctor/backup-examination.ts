/** Are there backups, how old is the newest, and does the key at hand open it? */
import { readFile } from 'node:fs/promises';
import { readArchive } from '../../backup/archive-reader.ts';
import { deploymentOf, plainDeployment } from '../../backup/backup-name.ts';
import { type Listed, listBackups } from '../../backup/backups.ts';
import { readSecret, readStrongSecret, type Secret } from '../../backup/keys.ts';
import type { Vault } from '../../backup/vault.ts';
import { messageOf } from '../../database/outage.ts';
import type { Config } from '../config.ts';
import { vaultAt } from '../vaults.ts';
import { DUTIES } from './duties.ts';
import { bad, type Examination, type Finding, ok, warn } from './finding.ts';

const BACKUPS = 'backups';
const HOUR_MS = 3_600_000;

export const examineBackups: Examination = async ({ config, now }) => {
  const { BACKUP_TO: where } = config;
  if (where === undefined) {
    const says = 'BACKUP_TO is not set: nobody looks after them here';
    return [warn(BACKUPS, says, 'set it where backups are kept')];
  }
  const { secret, findings } = await keyOf(config);
  try {
    const vault = vaultAt(where, config);
    const newest = (await listBackups(vault)).find(
      ({ name }) => deploymentOf(name) === plainDeployment(config.DEPLOYMENT),
    );
    if (newest === undefined) {
      const says = `there is none of ${config.DEPLOYMENT} in ${vault.says}`;
      return [...findings, bad(BACKUPS, says, 'run `itirp backup`, and from then on each hour')];
    }
    const opened = findings.some(({ grade }) => grade === 'bad') ? [] : [await open(vault, newest, secret)];
    return [...findings, judgeAge(newest, now()), ...opened];
  } catch (error) {
    return [...findings, bad(BACKUPS, messageOf(error), 'set BACKUP_TO and what it needs right')];
  }
};

export function judgeAge({ name, at }: Pick<Listed, 'name' | 'at'>, now: Date): Finding {
  const hours = (now.getTime() - at) / HOUR_MS;
  const says = `the newest is ${textOfAge(hours)} old: ${name}`;
  const remedy = 'look at why `itirp backup` did not run, and run it';
  const { lateHours, badHours } = DUTIES.backup;
  if (hours > badHours) return bad(BACKUPS, says, remedy);
  return hours > lateHours ? warn(BACKUPS, says, remedy) : ok(BACKUPS, says);
}

/** As people say it. */
export const textOfAge = (hours: number): string =>
  hours < 48 ? `${hours.toFixed(1)} hours` : `${(hours / 24).toFixed(1)} days`;

interface Key {
  readonly secret: Secret | undefined;
  readonly findings: readonly Finding[];
}

async function keyOf({ BACKUP_KEY_FILE: file }: Config): Promise<Key> {
  if (file === undefined) {
    const remedy = 'set BACKUP_KEY_FILE (openssl rand -hex 32 > FILE), and keep a copy of it elsewhere';
    return { secret: undefined, findings: [warn(BACKUPS, 'they are not encrypted', remedy)] };
  }
  try {
    const contents = await readFile(file);
    const secret = readSecret(contents);
    readStrongSecret(contents);
    return { secret, findings: [] };
  } catch (error) {
    const remedy = 'put there 32 random bytes: openssl rand -hex 32';
    return {
      secret: undefined,
      findings: [bad(BACKUPS, `BACKUP_KEY_FILE ${file}: ${messageOf(error)}`, remedy)],
    };
  }
}

/** Its beginning: whether the key is right. `itirp verify` and `itirp drill` read the rest. */
async function open(vault: Vault, { name }: Listed, secret: Secret | undefined): Promise<Finding> {
  try {
    for await (const record of readArchive(vault.read(name), secret)) {
      if (record.kind === 'preface') break;
    }
    return ok(BACKUPS, 'the newest opens with the key at hand');
  } catch (error) {
    return bad(
      BACKUPS,
      `${name} does not open: ${messageOf(error)}`,
      'find its key, or make a backup with this one',
    );
  }
}
