/** `itirp restore`: makes a database of a backup, proves it, and rebuilds the read models. */
import { Command } from 'commander';
import { type Inspection, inspect } from '../../backup/inspection.ts';
import { openDatabase } from '../../database/database.ts';
import { type LeftBus, leaveBus } from '../../database/new-bus.ts';
import { Fault } from '../../faults/fault.ts';
import { restoreTargetAt } from '../../main/tools.ts';
import { undoOnInterrupt } from '../ending.ts';
import { type BackupFlags, keptBackup, secretOf } from '../kept-backup.ts';
import { leftInWords } from '../left-bus.ts';
import { operator } from '../operator.ts';
import { counted, ProgressLine, share } from '../progress-line.ts';
import { buildViews, proveRestored } from '../restored.ts';
import { toolConfig } from '../with-database.ts';

interface Flags extends BackupFlags {
  readonly from?: string;
  readonly into?: string;
  readonly dataDir?: string;
  readonly configured?: boolean;
  readonly newBus?: boolean;
  readonly json?: boolean;
}

export const restoreCommand = (): Command =>
  new Command('restore')
    .description('restore a backup into an empty database, prove it, and rebuild the read models')
    .option('--from <backup>', 'a backup, or the place whose newest is meant (BACKUP_TO)')
    .option('--into <url>', 'an empty PostgreSQL database')
    .option('--data-dir <folder>', 'or a folder for an embedded PostgreSQL')
    .option('--configured', 'or the empty database of POSTGRES_URL: no address on a command line')
    .option('--key-file <file>', 'the key or the passphrase that it was encrypted with (BACKUP_KEY_FILE)')
    .option('--new-bus', 'leave the Kafka cluster that it names, which is lost: its nodes begin on another')
    .option('--json', 'print what was restored as JSON')
    .action(async (flags: Flags) => {
      const places = [flags.into, flags.dataDir, flags.configured].filter((place) => place !== undefined);
      if (places.length !== 1) {
        throw new Fault('ARGUMENT_INVALID', 'say where: --into URL, --data-dir FOLDER or --configured');
      }
      const line = new ProgressLine();
      const restored = await restore(flags, line);
      line.end();
      console.log(flags.json === true ? JSON.stringify(plain(restored)) : inWords(restored));
    });

interface Restored {
  readonly name: string;
  readonly inspection: Inspection;
  /** Undefined: none was to be left, or it names none. */
  readonly left: LeftBus | undefined;
  readonly seconds: number;
}

/** Nobody else uses the database meanwhile: a server that runs on it is a reason to refuse. */
async function restore(flags: Flags, line: ProgressLine): Promise<Restored> {
  const began = performance.now();
  const tell = (what: string, position: number, end: number): void =>
    line.show(`${what}: ${share(position, end)}`);
  const config = toolConfig(flags);
  const url = flags.configured === true ? config.POSTGRES_URL : flags.into;
  if (flags.configured === true && url === undefined) {
    throw new Fault('ARGUMENT_INVALID', '--configured needs POSTGRES_URL');
  }
  const { vault, name } = await keptBackup(flags.from, config);
  const secret = await secretOf(flags, config);
  const database = await openDatabase({ dataDir: config.DATA_DIR, url, exclusive: true });
  const leave = undoOnInterrupt(() => database.close());
  try {
    const inspection = await inspect(vault.read(name), {
      secret,
      target: restoreTargetAt(database.url),
      onProgress: (shard, position, end) => tell(`restoring ${shard}`, position, end),
    });
    await proveRestored(database, inspection, tell);
    const leaving = { by: operator(), reason: `restored from ${name}` };
    const left = flags.newBus === true ? await leaveBus(database.pool(), leaving) : undefined;
    await buildViews(database, inspection, tell);
    return { name, inspection, left, seconds: (performance.now() - began) / 1000 };
  } finally {
    leave();
    await database.close();
  }
}

function inWords({ name, inspection, left, seconds }: Restored): string {
  const shards = inspection.shards.map(
    ({ shard, head, stateHash }) =>
      `  ${shard}: ${counted(head.position)} facts, head hash ${head.hash?.toString('hex') ?? 'none'}, ` +
      `state hash ${stateHash.toString('hex')}`,
  );
  return [
    `restored ${name}, taken at ${inspection.manifest.takenAt}, in ${seconds.toFixed(1)} s`,
    ...shards,
    ...(left === undefined ? [] : [leftInWords(left)]),
    'the chain, the snapshots and the read models are proven or made anew: it may be started',
  ].join('\n');
}

const plain = ({ name, inspection, left, seconds }: Restored): unknown => ({
  name,
  seconds,
  taken_at: inspection.manifest.takenAt,
  left_bus: left?.bus ?? null,
  shards: inspection.shards.map(({ shard, head, stateHash }) => ({
    shard,
    position: head.position,
    head_hash: head.hash?.toString('hex') ?? null,
    state_hash: stateHash.toString('hex'),
  })),
});
