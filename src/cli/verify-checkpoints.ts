/** `itirp verify --checkpoints`: holds every journal against what was signed about it while it was written. */
import { readCheckpoints } from '../backup/checkpoint.ts';
import { readLines, shardsIn, trustedKeys } from '../backup/checkpoint-files.ts';
import { proveCheckpoints } from '../backup/checkpoint-proof.ts';
import { Fault } from '../faults/fault.ts';
import type { Connections } from '../main/tools.ts';
import { journalIn } from '../main/tools.ts';
import { type DatabaseFlags, withDatabase } from './with-database.ts';

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
  readonly wrong: string | undefined;
}

type Tell = (what: string, position: number, end: number) => void;

export async function verifyCheckpoints(
  folder: string,
  flags: DatabaseFlags & { readonly publicKey?: string },
  tell: Tell,
): Promise<CheckpointVerdict> {
  const held = await withDatabase(flags, (database) => holdAgainst(database, folder, flags.publicKey, tell));
  const wrong = held.map(({ shard, beyond, wrong: says }) => {
    if (says !== undefined) return `BROKEN ${shard}: ${says}`;
    return beyond === 0
      ? undefined
      : `BROKEN ${shard}: the tail was cut: ${beyond} checkpoints lie beyond its end`;
  });
  const isSound = wrong.every((says) => says === undefined);
  const lines = held.map(
    ({ shard, proven }, i) => wrong[i] ?? `sound ${shard}: the journal bears out ${proven} checkpoints`,
  );
  return { isSound, says: lines.join('\n'), plain: { sound: isSound, shards: held } };
}

/** @throws Fault ARGUMENT_INVALID: the folder has no checkpoint */
export async function holdAgainst(
  database: Connections,
  folder: string,
  publicKey: string | undefined,
  tell: Tell,
): Promise<readonly HeldShard[]> {
  const shards = await shardsIn(folder);
  if (shards.length === 0) throw new Fault('ARGUMENT_INVALID', `${folder} has no checkpoints`);
  const keys = await trustedKeys(folder, publicKey);
  const held: HeldShard[] = [];
  for (const shard of shards) {
    const { checkpoints, wrong } = readCheckpoints(await readLines(folder, shard), shard, keys);
    if (wrong !== undefined) {
      held.push({ shard, proven: 0, beyond: 0, wrong: `checkpoint ${wrong.line}: ${wrong.wrong}` });
      continue;
    }
    const onProgress = ({ position, end }: { position: number; end: number }): void =>
      tell(shard, position, end);
    const proof = await proveCheckpoints(checkpoints, journalIn(database, shard), onProgress);
    held.push({ shard, proven: proof.proven, beyond: proof.beyond.length, wrong: proof.wrong });
  }
  return held;
}
