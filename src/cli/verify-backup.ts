/** `itirp verify --backup`: proves a backup from its bytes alone, without any database. */
import { inspect } from '../backup/inspection.ts';
import { Fault } from '../faults/fault.ts';
import { type BackupFlags, keptBackup, secretOf } from './kept-backup.ts';
import { counted } from './progress-line.ts';
import { toolConfig } from './with-database.ts';

export interface BackupVerdict {
  readonly isSound: boolean;
  readonly says: string;
  readonly plain: unknown;
}

/** What is wrong with the backup is a verdict; what keeps it from being read is a fault. @throws Fault */
export async function verifyBackup(
  backup: string,
  flags: BackupFlags,
  tell: (what: string, position: number, end: number) => void,
): Promise<BackupVerdict> {
  const config = toolConfig({});
  const { vault, name } = await keptBackup(backup, config);
  try {
    const secret = await secretOf(flags, config);
    const { manifest, shards, provenSnapshots } = await inspect(vault.read(name), {
      secret,
      onProgress: tell,
    });
    const told = shards.map(({ shard, head, batches, stateHash }) => ({
      shard,
      position: head.position,
      batches,
      head_hash: head.hash?.toString('hex') ?? null,
      state_hash: stateHash.toString('hex'),
    }));
    const lines = told.map(
      (shard) =>
        `  ${shard.shard}: ${counted(shard.position)} facts\n` +
        `    head hash:  ${shard.head_hash ?? 'none: the journal is empty'}\n    state hash: ${shard.state_hash}`,
    );
    const opening = `sound: ${name}, taken at ${manifest.takenAt} by ${manifest.program}, ${provenSnapshots} snapshots`;
    return {
      isSound: true,
      says: [opening, ...lines].join('\n'),
      plain: {
        sound: true,
        name,
        taken_at: manifest.takenAt,
        program: manifest.program,
        snapshots: provenSnapshots,
        shards: told,
      },
    };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'BACKUP_INVALID') throw error;
    const wrong = error.detail ?? error.message;
    return { isSound: false, says: `BROKEN: ${name}: ${wrong}`, plain: { sound: false, name, wrong } };
  }
}
