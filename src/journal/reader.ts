/** The journal as its readers want it: decoded batches, each following the one before. */
import type { Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { decodeBatch } from './codec.ts';
import type { CommittedBatch } from './entry.ts';
import type { Journal, SealedBatch } from './journal.ts';

/**
 * Every batch that holds a position after `after`, in order; the first may begin before it. Ends at the last one
 * committed. That each row follows the one before is checked; that no byte was changed is the verifier's work.
 * @throws Fault JOURNAL_CORRUPT: a gap, a false link, or a body that does not decode
 * @throws Fault JOURNAL_UNAVAILABLE
 */
export async function* readBatches(
  journal: Pick<Journal, 'read'>,
  after: Position,
): AsyncGenerator<CommittedBatch> {
  let before: SealedBatch | undefined;
  for await (const row of journal.read(after)) {
    if (before === undefined) checkFirst(row, after);
    else checkNext(before, row);
    before = row;
    yield decodeBatch(row);
  }
}

function checkFirst(row: SealedBatch, after: Position): void {
  if (row.firstPosition <= after + 1) return;
  throw new Fault('JOURNAL_CORRUPT', `positions ${after + 1} to ${row.firstPosition - 1} are missing`);
}

function checkNext(before: SealedBatch, row: SealedBatch): void {
  const isNext = row.firstPosition === before.firstPosition + before.count;
  if (isNext && row.previousHash?.equals(before.hash)) return;
  throw new Fault(
    'JOURNAL_CORRUPT',
    `the row at position ${row.firstPosition} does not follow the one before`,
  );
}
