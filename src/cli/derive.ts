/** Makes what is derived from the journal: the read models where they are behind, the snapshots anew from genesis. */
import type pg from 'pg';
import type { Position } from '../core/values/names.ts';
import type { Journal, Snapshot } from '../journal/journal.ts';
import { catchUp, type Source } from '../projections/catch-up.ts';
import { Fold } from '../projections/fold.ts';
import { lend, readMark, readPositions } from '../projections/views.ts';
import { fold } from '../sequencer/fold.ts';
import { snapshotOf } from '../sequencer/snapshots.ts';

/** Facts a transaction. */
const STRETCH = 20_000;

type Tell = (shard: string, position: number, end: number) => void;

/**
 * Brings the views of every shard to its journal's end, beside a projector that may be doing the same.
 * @throws Fault DATABASE_UNAVAILABLE, JOURNAL_UNAVAILABLE, JOURNAL_CORRUPT
 */
export async function catchUpViews(
  pool: pg.Pool,
  sources: readonly Source[],
  onProgress: Tell,
): Promise<void> {
  const client = await lend(pool);
  try {
    for (const source of sources) {
      const { position: end } = await source.journal.head();
      const mark = await readMark(client, source.shard);
      await catchUp(mark, {
        client,
        source,
        fold: new Fold(source.shard, mark.position, await readPositions(client, source.shard)),
        pace: { factsMax: STRETCH, restMs: () => 0 },
        onCommitted: ({ position }) => onProgress(source.shard, position, end),
      });
    }
  } finally {
    client.release(true);
  }
}

/**
 * The state that all facts of a shard come to, as a snapshot; undefined where there is none. Every link is checked.
 * @throws Fault JOURNAL_UNAVAILABLE, JOURNAL_CORRUPT
 */
export async function foldFromGenesis(
  journal: Journal,
  onProgress: (position: Position) => void,
): Promise<Snapshot | undefined> {
  const { state, head } = await fold({ journal, snapshots: undefined, onProgress });
  return head.position === 0 ? undefined : snapshotOf(state, head);
}
