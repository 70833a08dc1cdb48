/** `itirp verify --checkpoints`: holds every journal against what was signed about it while it was written. */
import { readCheckpoints } from '../backup/checkpoint.ts';
import { readLines, shardsIn, trustedKeys } from '../backup/checkpoint-files.ts';
import { type MirroredFile, mirroredFiles } from '../backup/checkpoint-mirror.ts';
import { proveCheckpoints } from '../backup/checkpoint-proof.ts';
import type { Database } from '../database/database.ts';
import { Fault } from '../faults/fault.ts';
import type { Connections } from '../main/tools.ts';
import { journalIn } from '../main/tools.ts';
import { vaultAt } from '../main/vaults.ts';
import { recordedOn, type Told } from './recorded-run.ts';
import { type DatabaseFlags, toolConfig } from './with-database.ts';

export interface CheckpointVerdict {
  readonly isSound: boolean;
  readonly says: string;
  readonly plain: unknown;
}

/** How it stands with one shard. */
export interface HeldShard {
  readonly shard: string;
  readonly proven: number;
  /** Signed, and beyond where the journal ends. */
  readonly beyond: number;
  /** So many name a state of another version than this program's. */
  readonly uncompared: number;
  readonly wrong: string | undefined;
}

type Tell = (what: string, position: number, end: number) => void;

export async function verifyCheckpoints(
  folder: string,
  flags: DatabaseFlags & { readonly publicKey?: string },
  tell: Tell,
): Promise<CheckpointVerdict> {
  const work = async (database: Database): Promise<CheckpointVerdict> =>
    verdictOf(await holdAgainst(database, folder, flags.publicKey, tell));
  return await recordedOn(flags, 'checkpoints', work, toldOf);
}

/** A verdict for the record of its run. */
export const toldOf = ({ isSound, plain }: Pick<CheckpointVerdict, 'isSound' | 'plain'>): Told => ({
  isGood: isSound,
  figures: { verdict: plain },
});

function verdictOf(held: readonly HeldShard[]): CheckpointVerdict {
  const wrong = held.map(({ shard, beyond, wrong: says }) => {
    if (says !== undefined) return `BROKEN ${shard}: ${says}`;
    return beyond === 0
      ? undefined
      : `BROKEN ${shard}: the tail was cut: ${beyond} checkpoints lie beyond its end`;
  });
  const isSound = wrong.every((says) => says === undefined);
  const lines = held.map((shard, i) => wrong[i] ?? soundInWords(shard));
  return { isSound, says: lines.join('\n'), plain: { sound: isSound, shards: held } };
}

function soundInWords({ shard, proven, uncompared }: HeldShard): string {
  const says = `sound ${shard}: the journal bears out ${proven} checkpoints`;
  const program = 'of another version than this program has, and cannot be compared';
  return uncompared === 0 ? says : `${says}; the states of ${uncompared} are ${program}`;
}

/** @throws Fault ARGUMENT_INVALID: there is no checkpoint, or no key to trust */
export async function holdAgainst(
  database: Connections,
  place: string,
  publicKey: string | undefined,
  tell: Tell,
): Promise<readonly HeldShard[]> {
  const files = await filesAt(place);
  if (files.length === 0) throw new Fault('ARGUMENT_INVALID', `${place} has no checkpoints`);
  if (publicKey === undefined && place.startsWith('s3://')) {
    throw new Fault('ARGUMENT_INVALID', `${place} holds no key: say which to trust with --public-key`);
  }
  const keys = await trustedKeys(place, publicKey);
  const held: HeldShard[] = [];
  for (const { shard, lines } of files) {
    const { checkpoints, wrong } = readCheckpoints(lines, shard, keys);
    if (wrong !== undefined) {
      held.push({
        shard,
        proven: 0,
        beyond: 0,
        uncompared: 0,
        wrong: `checkpoint ${wrong.line}: ${wrong.wrong}`,
      });
      continue;
    }
    const onProgress = ({ position, end }: { position: number; end: number }): void =>
      tell(shard, position, end);
    const proof = await proveCheckpoints(checkpoints, journalIn(database, shard), onProgress);
    held.push({ shard, ...proof, beyond: proof.beyond.length });
  }
  return held;
}

/** Of a node's own folder, or of a place where checkpoints are kept a second time. */
async function filesAt(place: string): Promise<readonly MirroredFile[]> {
  const isOwn = !place.startsWith('s3://') && (await shardsIn(place)).length > 0;
  if (!isOwn) return await mirroredFiles(vaultAt(place, toolConfig({})));
  const shards = await shardsIn(place);
  return await Promise.all(shards.map(async (shard) => ({ shard, lines: await readLines(place, shard) })));
}
