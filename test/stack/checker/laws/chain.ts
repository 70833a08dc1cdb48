/** The journal itself: every chain verified, epochs and bus offsets never falling, and views that it gives again. */
import type { Evidence, ShardJournal } from '../evidence.ts';
import type { Verdict } from '../verdict.ts';

/** The verifier finds each shard sound, to the very head that the shard claims, and has read all that was gathered. */
export function chainsHold({ shards }: Evidence, needs: number): Verdict {
  const violations = shards.flatMap(({ shard, chain, rows }) => {
    if (!chain.isSound) return [`${shard}@${chain.position}: ${chain.wrong}`];
    return chain.batches === rows.length
      ? []
      : [`${shard}: ${chain.batches} of ${rows.length} rows verified`];
  });
  return { law: 'every chain is whole', seen: rowsIn(shards), needs, violations };
}

/** Whoever writes later does so in the same epoch or a higher one. */
export function epochsNeverFall({ shards }: Evidence, needs: number): Verdict {
  const violations = shards.flatMap(({ shard, rows }) =>
    neighbours(rows)
      .filter(([before, row]) => row.epoch < before.epoch)
      .map(([before, row]) => `${shard}@${row.firstPosition}: epoch ${row.epoch} after ${before.epoch}`),
  );
  return { law: 'epochs never fall', seen: rowsIn(shards), needs, violations };
}

/** How far a shard has taken in the bus never falls, and it is one bus: what was taken in is not taken in again. */
export function offsetsNeverFall({ shards }: Evidence, needs: number): Verdict {
  const marked = shards.map(({ shard, rows }) => ({
    shard,
    rows: rows.flatMap(({ firstPosition, source }) =>
      source === undefined ? [] : [{ firstPosition, ...source }],
    ),
  }));
  const violations = marked.flatMap(({ shard, rows }) =>
    neighbours(rows).flatMap(([before, row]) => {
      const at = `${shard}@${row.firstPosition}`;
      if (row.source !== before.source) return [`${at}: the bus is ${row.source}, and was ${before.source}`];
      return row.offset < before.offset ? [`${at}: offset ${row.offset} after ${before.offset}`] : [];
    }),
  );
  const seen = marked.reduce((sum, { rows }) => sum + rows.length, 0);
  return { law: 'bus offsets never fall', seen, needs, violations };
}

/** The views are what a rebuild from the journal gives, to the last row. */
export function viewsAreRebuilt({ views }: Evidence, needs: number): Verdict {
  const violations = views.rebuilt
    .filter(({ equal }) => !equal)
    .map(({ table, firstDifference }) => `${table}: ${firstDifference ?? 'differs'}`);
  const seen = views.rebuilt.reduce((sum, { rows }) => sum + rows, 0);
  return { law: 'the views are what the journal gives', seen, needs, violations };
}

const rowsIn = (shards: readonly ShardJournal[]): number =>
  shards.reduce((sum, { rows }) => sum + rows.length, 0);

/** Each item with the one before it. */
function neighbours<Item>(items: readonly Item[]): readonly (readonly [Item, Item])[] {
  return items.flatMap((item, i) => {
    const before = items[i - 1];
    return before === undefined ? [] : [[before, item] as const];
  });
}
