/** `itirp verify`: proves every shard's journal and snapshots, a backup, or signed checkpoints, and names what is wrong. */
import { Command } from 'commander';
import type { Database } from '../../database/database.ts';
import type { Config } from '../../main/config.ts';
import { shardsOf } from '../../main/roles.ts';
import { journalIn, shardsThere, snapshotsIn } from '../../main/tools.ts';
import { type Proof, prove } from '../../sequencer/proof.ts';
import { EXIT_WRONG } from '../ending.ts';
import { counted, ProgressLine, share } from '../progress-line.ts';
import { recordedOn } from '../recorded-run.ts';
import { type BackupVerdict, verifyBackup } from '../verify-backup.ts';
import { type CheckpointVerdict, toldOf, verifyCheckpoints } from '../verify-checkpoints.ts';
import type { DatabaseFlags } from '../with-database.ts';

export interface VerifyFlags extends DatabaseFlags {
  readonly json?: boolean;
  readonly backup?: string;
  readonly keyFile?: string;
  readonly checkpoints?: string;
  readonly publicKey?: string;
}

export const verifyCommand = (): Command =>
  new Command('verify')
    .description(
      'prove the journal, fact by fact, and its snapshots; exit code 1 when something does not hold',
    )
    .option('--data-dir <folder>', 'where the embedded PostgreSQL keeps its data (DATA_DIR)')
    .option('--backup <backup>', 'prove a backup instead, without a database: a file, or s3://BUCKET/NAME')
    .option('--key-file <file>', 'the key or the passphrase that it was encrypted with (BACKUP_KEY_FILE)')
    .option('--checkpoints <folder>', 'hold the journal against the signed checkpoints in this folder')
    .option('--public-key <file>', 'the only key to trust (PEM); without it those in the folder')
    .option('--json', 'print the verdict as JSON')
    .action(async (flags: VerifyFlags) => {
      const line = new ProgressLine();
      const tell = (what: string, position: number, end: number): void =>
        line.show(`verifying ${what}: ${share(position, end)}`);
      const verdict = await verdictOn(flags, tell);
      line.end();
      console.log(flags.json === true ? JSON.stringify(verdict.plain) : verdict.says);
      if (!verdict.isSound) process.exitCode = EXIT_WRONG;
    });

export type Tell = (what: string, position: number, end: number) => void;

type Verdict = BackupVerdict | CheckpointVerdict;

async function verdictOn(flags: VerifyFlags, tell: Tell): Promise<Verdict> {
  const { backup, checkpoints } = flags;
  if (backup !== undefined) return await verifyBackup(backup, flags, tell);
  if (checkpoints !== undefined) return await verifyCheckpoints(checkpoints, flags, tell);
  const work = (database: Database, config: Config): Promise<Verdict> =>
    verdictOnJournals(database, config, tell);
  return await recordedOn(flags, 'verify', work, toldOf);
}

async function verdictOnJournals(database: Database, config: Config, tell: Tell): Promise<Verdict> {
  const proofs = new Map<string, Proof>();
  const shards = new Set([...shardsOf(config), ...(await shardsThere(database))]);
  for (const shard of shards) {
    const onProgress = ({ position, end }: { position: number; end: number }): void =>
      tell(shard, position, end);
    proofs.set(shard, await prove(journalIn(database, shard), snapshotsIn(database, shard), onProgress));
  }
  return onJournals(proofs);
}

const isProven = ({ journal, wrongSnapshots }: Proof): boolean =>
  journal.isSound && wrongSnapshots.length === 0;

function onJournals(proofs: ReadonlyMap<string, Proof>): Verdict {
  const [only] = proofs.values();
  const isSound = [...proofs.values()].every(isProven);
  if (proofs.size === 1 && only !== undefined) return { isSound, says: inWords(only), plain: plain(only) };
  const says = [...proofs].map(([shard, proof]) => `${shard}: ${inWords(proof)}`).join('\n');
  const shards = Object.fromEntries([...proofs].map(([shard, proof]) => [shard, plain(proof)]));
  return { isSound, says, plain: { sound: isSound, shards } };
}

function inWords({ journal, provenSnapshots, wrongSnapshots }: Proof): string {
  if (!journal.isSound) return `BROKEN at position ${journal.position}: ${journal.wrong}`;
  if (wrongSnapshots.length === 0) return `sound: ${journalInWords(journal, provenSnapshots)}`;
  const lines = wrongSnapshots.map(
    ({ position, wrong }) => `BROKEN snapshot at position ${position}: ${wrong}`,
  );
  const remedy = 'remedy: itirp rebuild --from-events makes them anew from the journal';
  return [...lines, remedy, `the journal holds: ${journalInWords(journal, provenSnapshots)}`].join('\n');
}

function journalInWords(journal: Extract<Proof['journal'], { isSound: true }>, snapshots: number): string {
  const { batches, events, head } = journal;
  const hash = head.hash?.toString('hex') ?? 'none: the journal is empty';
  return `${counted(events)} facts in ${counted(batches)} batches, ${snapshots} snapshots\nhead hash: ${hash}`;
}

function plain(proof: Proof): unknown {
  const { journal, provenSnapshots, wrongSnapshots } = proof;
  if (!journal.isSound) return { sound: false, position: journal.position, wrong: journal.wrong };
  const { batches, events, head } = journal;
  return {
    sound: isProven(proof),
    batches,
    events,
    head_hash: head.hash?.toString('hex') ?? null,
    snapshots: provenSnapshots,
    wrong_snapshots: wrongSnapshots,
  };
}
