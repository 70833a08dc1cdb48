/** `itirp verify`: recomputes the journal's chain from its first row, and names the first position that is wrong. */
import { Command } from 'commander';
import { type Verdict, verify } from '../../journal/verifier.ts';
import { journalIn } from '../../main/tools.ts';
import { EXIT_WRONG } from '../ending.ts';
import { ProgressLine, share } from '../progress-line.ts';
import { type DatabaseFlags, withDatabase } from '../with-database.ts';

interface VerifyFlags extends DatabaseFlags {
  readonly json?: boolean;
}

export const verifyCommand = (): Command =>
  new Command('verify')
    .description('prove the journal from its first fact to its last; exit code 1 when it does not hold')
    .option('--data-dir <folder>', 'where the embedded PostgreSQL keeps its data (DATA_DIR)')
    .option('--json', 'print the verdict as JSON')
    .action(async (flags: VerifyFlags) => {
      const line = new ProgressLine();
      const verdict = await withDatabase(flags, (database, { SHARD }) =>
        verify(journalIn(database, SHARD), ({ position, end }) =>
          line.show(`verifying: ${share(position, end)}`),
        ),
      );
      line.end();
      console.log(flags.json === true ? JSON.stringify(plain(verdict)) : inWords(verdict));
      if (!verdict.isSound) process.exitCode = EXIT_WRONG;
    });

const count = (n: number): string => n.toLocaleString('en-US');

function inWords(verdict: Verdict): string {
  if (!verdict.isSound) return `BROKEN at position ${verdict.position}: ${verdict.wrong}`;
  const { batches, events, head } = verdict;
  const hash = head.hash?.toString('hex') ?? 'none: the journal is empty';
  return `sound: ${count(events)} facts in ${count(batches)} batches\nhead hash: ${hash}`;
}

function plain(verdict: Verdict): unknown {
  if (!verdict.isSound) return { sound: false, position: verdict.position, wrong: verdict.wrong };
  const { batches, events, head } = verdict;
  return { sound: true, batches, events, head_hash: head.hash?.toString('hex') ?? null };
}
