/** Are checkpoints of the journal signed, and do they arrive where they are kept a second time? */
import { newestMirrored } from '../../backup/checkpoint-mirror.ts';
import { messageOf } from '../../database/outage.ts';
import { shardsOf } from '../roles.ts';
import { vaultAt } from '../vaults.ts';
import { textOfAge } from './backup-examination.ts';
import { type Examination, type Finding, ok, warn } from './finding.ts';

const CHECKPOINTS = 'checkpoints';
const HOUR_MS = 3_600_000;
/** Nothing is signed while nothing happens: a night and a day may go by. */
const AGE_HOURS_WELL = 36;

export const examineCheckpoints: Examination = async ({ config, now }) => {
  const { CHECKPOINT_DIR: folder, CHECKPOINT_TO: where } = config;
  if (folder === undefined) {
    const remedy = 'set CHECKPOINT_DIR on engines, and CHECKPOINT_TO for a place elsewhere';
    return [warn(CHECKPOINTS, 'the journal is not signed: a cut end would not be noticed', remedy)];
  }
  if (where === undefined) {
    return [warn(CHECKPOINTS, 'they are kept on this machine alone', 'set CHECKPOINT_TO')];
  }
  try {
    const vault = vaultAt(where, config);
    const newest = await newestMirrored(vault);
    const troubles = shardsOf(config).flatMap((shard) => [...judge(shard, newest.get(shard), now())]);
    return troubles.length > 0 ? troubles : [ok(CHECKPOINTS, `signed, and lately kept in ${vault.says} too`)];
  } catch (error) {
    return [warn(CHECKPOINTS, messageOf(error), 'set CHECKPOINT_TO and what it needs right')];
  }
};

function* judge(shard: string, signedAt: Date | undefined, now: Date): Generator<Finding> {
  if (signedAt === undefined) {
    const remedy = 'start its engine with CHECKPOINT_TO; look at its log if it runs so';
    yield warn(CHECKPOINTS, `none of ${shard} is kept elsewhere`, remedy);
    return;
  }
  const hours = (now.getTime() - signedAt.getTime()) / HOUR_MS;
  if (hours <= AGE_HOURS_WELL) return;
  const says = `the newest of ${shard} that is kept elsewhere is ${textOfAge(hours)} old`;
  yield warn(CHECKPOINTS, says, 'look at the log of its engine, unless nothing has happened since');
}
