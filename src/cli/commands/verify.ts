/** `itirp verify`: recomputes the journal's chain and its snapshots from the first row, and names what is wrong. */
import { Command } from 'commander';
import type { Verdict } from '../../journal/verifier.ts';
import { journalIn, snapshotsIn } from '../../main/tools.ts';
import { type Proof, prove } from '../../sequencer/proof.ts';
import { EXIT_WRONG } from '../ending.ts';
import { ProgressLine, share } from '../progress-line.ts';
import { type DatabaseFlags, withDatabase } from '../with-database.ts';

interface VerifyFlags extends DatabaseFlags {
  readonly json?: boolean;
}

export const verifyCommand = (): Command =>
  new Command('verify')
    .description(
      'prove the journal, fact by fact, and its snapshots; exit code 1 when something does not hold',
    )
    .option('--data-dir <folder>', 'where the embedded PostgreSQL keeps its data (DATA_DIR)')
    .option('--json', 'print the verdict as JSON')
    .action(async (flags: VerifyFlags) => {
      const line = new ProgressLine();
      const proof = await withDatabase(flags, (database, { SHARD }) =>
        prove(journalIn(database, SHARD), snapshotsIn(database, SHARD), ({ position, end }) =>
          line.show(`verifying: ${share(position, end)}`),
        ),
      );
      line.end();
      console.log(flags.json === true ? JSON.stringify(plain(proof)) : inWords(proof));
      if (!isSound(proof)) process.exitCode = EXIT_WRONG;
    });

const isSound = ({ journal, wrongSnapshots }: Proof): boolean =>
  journal.isSound && wrongSnapshots.length === 0;

const count = (n: number): string => n.toLocaleString('en-US');

function inWords({ journal, provenSnapshots, wrongSnapshots }: Proof): string {
  if (!journal.isSound) return `BROKEN at position ${journal.position}: ${journal.wrong}`;
  if (wrongSnapshots.length === 0) return `sound: ${journalInWords(journal, provenSnapshots)}`;
  const lines = wrongSnapshots.map(
    ({ position, wrong }) => `BROKEN snapshot at position ${position}: ${wrong}`,
  );
  const remedy =
    'remedy: stop the platform, delete these rows of the table snapshots, start it: it folds from the journal';
  return [...lines, remedy, `the journal holds: ${journalInWords(journal, provenSnapshots)}`].join('\n');
}

function journalInWords(journal: Extract<Verdict, { isSound: true }>, snapshots: number): string {
  const { batches, events, head } = journal;
  const hash = head.hash?.toString('hex') ?? 'none: the journal is empty';
  return `${count(events)} facts in ${count(batches)} batches, ${snapshots} snapshots\nhead hash: ${hash}`;
}

function plain(proof: Proof): unknown {
  const { journal, provenSnapshots, wrongSnapshots } = proof;
  if (!journal.isSound) return { sound: false, position: journal.position, wrong: journal.wrong };
  const { batches, events, head } = journal;
  return {
    sound: isSound(proof),
    batches,
    events,
    head_hash: head.hash?.toString('hex') ?? null,
    snapshots: provenSnapshots,
    wrong_snapshots: wrongSnapshots,
  };
}
