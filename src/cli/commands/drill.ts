/** `itirp drill`: restores the newest backup beside the live data, proves it, and says what a disaster would cost. */
import { rename, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import {
  type DrillReport,
  jsonOf,
  metricsOf,
  rpoFacts,
  rpoSeconds,
  rtoSeconds,
  tableOf,
} from '../../backup/drill-report.ts';
import type { Database } from '../../database/database.ts';
import { messageOf } from '../../database/outage.ts';
import { Fault } from '../../faults/fault.ts';
import type { Config } from '../../main/config.ts';
import { type DrillOptions, drill } from '../drilling.ts';
import { EXIT_WRONG } from '../ending.ts';
import { type BackupFlags, keptBackup, secretOf } from '../kept-backup.ts';
import { ProgressLine, share } from '../progress-line.ts';
import { recordedOn, type Told } from '../recorded-run.ts';
import { type DatabaseFlags, toolConfig } from '../with-database.ts';

interface Flags extends DatabaseFlags, BackupFlags {
  readonly from?: string;
  readonly scratch?: string;
  /** False: `--no-live`. */
  readonly live: boolean;
  readonly checkpoints?: string;
  readonly publicKey?: string;
  readonly metrics?: string;
  readonly json?: boolean;
}

export const drillCommand = (): Command =>
  new Command('drill')
    .description('restore the newest backup into a scratch schema, prove it, and report RPO and RTO')
    .option('--from <backup>', 'a backup, or the place whose newest is meant (BACKUP_TO)')
    .option('--key-file <file>', 'the key or the passphrase that it was encrypted with (BACKUP_KEY_FILE)')
    .option(
      '--scratch <url>',
      'make the scratch schema in this PostgreSQL, not the live one (DRILL_SCRATCH_URL)',
    )
    .option(
      '--no-live',
      'ask no live database, as after a disaster: RPO is then against now; needs --scratch',
    )
    .option('--checkpoints <folder>', 'hold it against the signed checkpoints there (CHECKPOINT_DIR)')
    .option('--public-key <file>', 'the only key to trust (PEM); without it those in the folder')
    .option('--metrics <file>', 'write the figures to this file too, as Prometheus reads them')
    .option('--data-dir <folder>', 'where the embedded PostgreSQL keeps its data (DATA_DIR)')
    .option('--json', 'print the report as JSON')
    .action(async (flags: Flags) => {
      const line = new ProgressLine();
      const report = await run(flags, (what, position, end) => line.show(`${what}: ${share(position, end)}`));
      line.end();
      if (flags.metrics !== undefined) await keepMetrics(flags.metrics, report);
      console.log(flags.json === true ? JSON.stringify(jsonOf(report)) : tableOf(report));
      if (!report.isGood) process.exitCode = EXIT_WRONG;
    });

/** In the live database the scratch schema takes as much room as all of it, and on every standby: better elsewhere. */
async function run(flags: Flags, tell: DrillOptions['tell']): Promise<DrillReport> {
  const scratchFor = (config: Config): string | undefined => flags.scratch ?? config.DRILL_SCRATCH_URL;
  const drillOn = async (live: Database | undefined, scratchUrl: string, config: Config) =>
    drill({
      backup: await keptBackup(flags.from, config),
      secret: await secretOf(flags, config),
      scratchUrl,
      live,
      checkpoints: flags.checkpoints ?? config.CHECKPOINT_DIR,
      publicKey: flags.publicKey,
      tell,
    });
  if (flags.live) {
    const work = (database: Database, config: Config): Promise<DrillReport> =>
      drillOn(database, scratchFor(config) ?? database.url, config);
    return await recordedOn(flags, 'drill', work, told);
  }
  const config = toolConfig(flags);
  const scratch = scratchFor(config);
  if (scratch === undefined)
    throw new Fault('ARGUMENT_INVALID', '--no-live needs --scratch, or DRILL_SCRATCH_URL');
  return await drillOn(undefined, scratch, config);
}

/** What is unknown is left out: it is not zero. */
const told = (report: DrillReport): Told => ({
  isGood: report.isGood,
  figures: {
    backup: report.backup,
    wrong: report.wrong,
    rpo_seconds: rpoSeconds(report),
    rpo_facts: rpoFacts(report),
    rto_seconds: rtoSeconds(report.times),
  },
});

/** Whole or not at all: a collector may read at any moment. */
async function keepMetrics(file: string, report: DrillReport): Promise<void> {
  try {
    await writeFile(`${file}.part`, metricsOf(report));
    await rename(`${file}.part`, file);
  } catch (error) {
    throw new Fault('ARGUMENT_INVALID', `--metrics: ${messageOf(error)}`, { cause: error });
  }
}
