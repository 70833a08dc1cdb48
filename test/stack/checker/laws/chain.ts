/** The journal itself: every chain verified, epochs and bus offsets never falling, and views that it gives again. */
import type { SealedBatch } from '../../../../src/journal/journal.ts';
import type { Evidence } from '../evidence.ts';
import { type Quota, type Verdict, verdictOf } from '../verdict.ts';

/** The verifier finds each shard sound, to the very head that the shard claims, and has read all that was gathered. */
export function chainsHold({ shards }: Evidence, quota: Quota): Verdict {
  const violations = shards.flatMap(({ shard, chain, rows }) => {
    if (!chain.isSound) return [`${shard}@${chain.position}: ${chain.wrong}`];
    return chain.batches === rows.length
      ? []
      : [`${shard}: ${chain.batches} of ${rows.length} rows verified`];
  });
  return verdictOf('every chain is whole', writtenAt(shards), quota, violations);
}

/** Whoever writes later does so in the same epoch or a higher one. */
export function epochsNeverFall({ shards }: Evidence, quota: Quota): Verdict {
  const violations = shards.flatMap(({ shard, rows }) =>
    neighbours(rows)
      .filter(([before, row]) => row.epoch < before.epoch)
      .map(([before, row]) => `${shard}@${row.firstPosition}: epoch ${row.epoch} after ${before.epoch}`),
  );
  return verdictOf('epochs never fall', writtenAt(shards), quota, violations);
}

/** How far a shard has taken in the bus never falls, and it is one bus: what was taken in is not taken in again. */
export function offsetsNeverFall({ shards }: Evidence, quota: Quota): Verdict {
  const marked = shards.map(({ shard, rows }) => ({
    shard,
    rows: rows.flatMap(({ firstPosition, recordedAt, source }) =>
      source === undefined ? [] : [{ firstPosition, recordedAt, ...source }],
    ),
  }));
  const violations = marked.flatMap(({ shard, rows }) =>
    neighbours(rows).flatMap(([before, row]) => {
      const at = `${shard}@${row.firstPosition}`;
      if (row.source !== before.source) return [`${at}: the bus is ${row.source}, and was ${before.source}`];
      return row.offset < before.offset ? [`${at}: offset ${row.offset} after ${before.offset}`] : [];
    }),
  );
  return verdictOf('bus offsets never fall', writtenAt(marked), quota, violations);
}

/** The views are what a rebuild from the journal gives, to the last row. */
export function viewsAreRebuilt({ views }: Evidence, quota: Quota): Verdict {
  const violations = views.rebuilt
    .filter(({ equal }) => !equal)
    .map(({ table, firstDifference }) => `${table}: ${firstDifference ?? 'differs'}`);
  const seen = views.rebuilt.reduce((sum, { rows }) => sum + rows, 0);
  return { law: 'the views are what the journal gives', seen, needs: quota.needs, violations }; // built just now
}

/** When each row was written, in milliseconds since 1970. */
const writtenAt = (
  shards: readonly { readonly rows: readonly Pick<SealedBatch, 'recordedAt'>[] }[],
): readonly number[] => shards.flatMap(({ rows }) => rows.map(({ recordedAt }) => recordedAt / 1000));

/** Each item with the one before it. */
function neighbours<Item>(items: readonly Item[]): readonly (readonly [Item, Item])[] {
  return items.flatMap((item, i) => {
    const before = items[i - 1];
    return before === undefined ? [] : [[before, item] as const];
  });
}
