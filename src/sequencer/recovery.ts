/** How a writer comes to be: claim the shard, fold its journal, compare the ends. The same at start and after a failure. */
import { Fault } from '../faults/fault.ts';
import { isSameHead } from '../journal/chain.ts';
import type { SourceMark } from '../journal/entry.ts';
import { type Folded, type FoldOptions, fold } from './fold.ts';

export interface Recovered extends Folded {
  /** What every append of this writer carries; a later claim makes it stale. */
  readonly epoch: number;
  /** How far the bus was taken in by the journal's rows. */
  readonly source: SourceMark | undefined;
}

/**
 * Claims first, so that no earlier writer's append can land behind the fold's back.
 * @throws Fault JOURNAL_UNAVAILABLE
 * @throws Fault JOURNAL_CORRUPT: a row is missing or changed, also at the end
 * @throws InvariantBroken when the facts do not fit together
 */
export async function recover(options: FoldOptions): Promise<Recovered> {
  const { epoch, head, source } = await options.journal.claim();
  const folded = await fold(options);
  if (!isSameHead(folded.head, head)) {
    const says = `the journal ends at ${head.position}, what was read of it at ${folded.head.position}`;
    throw new Fault('JOURNAL_CORRUPT', says);
  }
  return { ...folded, epoch, source };
}
