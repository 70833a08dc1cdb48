/** `itirp backup`: keeps everything that is not derived, as of one moment, while orders flow. */
import { Command } from 'commander';
import { nameOfPart } from '../../backup/archive.ts';
import { type Taken, takeBackup } from '../../backup/backups.ts';
import type { Database } from '../../database/database.ts';
import { Fault } from '../../faults/fault.ts';
import type { Config } from '../../main/config.ts';
import { backupSourceIn } from '../../main/tools.ts';
import { type BackupFlags, newSecretOf, vaultFor } from '../kept-backup.ts';
import { counted, ProgressLine } from '../progress-line.ts';
import { recordedOn } from '../recorded-run.ts';
import type { DatabaseFlags } from '../with-database.ts';

interface Flags extends DatabaseFlags, BackupFlags {
  readonly to?: string;
  readonly keepDays?: string;
  readonly json?: boolean;
}

interface Kept extends Taken {
  readonly isSealed: boolean;
}

export const backupCommand = (): Command =>
  new Command('backup')
    .description('keep journal, users and all else that is not derived, consistent while orders flow')
    .option('--to <place>', 'a folder, or s3://BUCKET/PREFIX (BACKUP_TO)')
    .option('--key-file <file>', 'encrypt with the key or the passphrase in this file (BACKUP_KEY_FILE)')
    .option('--keep-days <days>', 'remove older ones once this one is good (BACKUP_KEEP_DAYS)')
    .option('--data-dir <folder>', 'where the embedded PostgreSQL keeps its data (DATA_DIR)')
    .option('--json', 'print what was kept as JSON')
    .action(async (flags: Flags) => {
      const line = new ProgressLine();
      const began = performance.now();
      const keepDays = daysOf(flags.keepDays);
      const sinceBegun = (): number => (performance.now() - began) / 1000;
      const work = async (database: Database, config: Config): Promise<Kept> => {
        const secret = await newSecretOf(flags, config);
        const taken = await takeBackup({
          vault: vaultFor(flags.to, '--to', config),
          secret,
          source: backupSourceIn(database),
          deployment: config.DEPLOYMENT,
          keepDays: keepDays ?? (config.BACKUP_KEEP_DAYS === 0 ? undefined : config.BACKUP_KEEP_DAYS),
          onProgress: (part, rows) => line.show(`keeping ${nameOfPart(part)}: ${counted(rows)} rows`),
        });
        return { ...taken, isSealed: secret !== undefined };
      };
      const kept = await recordedOn(flags, 'backup', work, ({ name, bytes }) => ({
        isGood: true,
        figures: { name, bytes, seconds: sinceBegun() },
      }));
      line.end();
      const seconds = sinceBegun();
      console.log(flags.json === true ? JSON.stringify(plain(kept, seconds)) : inWords(kept, seconds));
    });

/** @throws Fault ARGUMENT_INVALID */
function daysOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (!/^\d{1,5}$/.test(given)) throw new Fault('ARGUMENT_INVALID', '--keep-days is not a number of days');
  return Number(given);
}

function inWords({ name, bytes, manifest, removed, isSealed }: Kept, seconds: number): string {
  const heads = manifest.heads.map(
    ({ shard, position, hash }) => `  ${shard}: ${counted(position)} facts, head hash ${hash ?? 'none'}`,
  );
  const sealed = isSealed ? 'encrypted' : 'NOT encrypted (--key-file, or BACKUP_KEY_FILE)';
  const gone = removed.map((old) => `removed ${old}`);
  const kept = `kept ${name}: ${counted(bytes)} bytes in ${seconds.toFixed(1)} s, ${sealed}, read back and good`;
  return [kept, ...heads, ...gone].join('\n');
}

const plain = ({ name, bytes, manifest, removed }: Taken, seconds: number): unknown => ({
  name,
  bytes,
  seconds,
  removed,
  manifest,
});
