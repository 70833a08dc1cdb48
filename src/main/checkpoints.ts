/** Signed checkpoints of a shard, while its engine runs here: where CHECKPOINT_DIR asks for them. */
import { Checkpointer } from '../backup/checkpointer.ts';
import type { Journal, Snapshots } from '../journal/journal.ts';
import type { Site } from './site.ts';
import { vaultAt } from './vaults.ts';

/**
 * Started, or undefined where none are asked for. To be stopped after the shard's sequencer, so that the last one is of
 * its last fact.
 * @throws Fault JOURNAL_BEHIND, JOURNAL_CORRUPT: the journal is not the one that was signed; nothing may be written to it
 * @throws Fault CONFIG_INVALID, BACKUP_UNAVAILABLE
 */
export async function checkpointsOf(
  { config, log }: Pick<Site, 'config' | 'log'>,
  shard: string,
  journal: Pick<Journal, 'head' | 'read'>,
  snapshots: Pick<Snapshots, 'kept'>,
): Promise<Checkpointer | undefined> {
  const { CHECKPOINT_DIR: folder, CHECKPOINT_KEY_FILE: keyFile, CHECKPOINT_TO: mirror } = config;
  if (folder === undefined) return undefined;
  const checkpointer = new Checkpointer({
    shard,
    journal,
    snapshots,
    folder,
    keyFile,
    everyMs: config.CHECKPOINT_EVERY_MS,
    onWarning: (says, cause) => log.warn({ err: cause, shard }, says),
    ...(mirror === undefined ? {} : { mirror: vaultAt(mirror, config) }),
  });
  await checkpointer.start();
  return checkpointer;
}
