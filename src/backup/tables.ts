/** Which tables a backup keeps: all but those that are folded from the journal, so a new table is kept until somebody says otherwise. */

/** Made anew from the journal: the views and how far they are, and what engines and publishers draw as they go. */
export const DERIVED: ReadonlySet<string> = new Set([
  'events',
  'orders',
  'executions',
  'positions',
  'order_counts',
  'projection_positions',
  'shard_views',
  'risk_metrics',
  'publisher_checkpoints',
]);

/** Made and filled by the migrations themselves, of which the preface of a backup names those that were applied. */
export const OF_MIGRATIONS: ReadonlySet<string> = new Set(['migrations', 'migration_sums', 'time_tables']);

export const JOURNAL = 'journal';
export const SNAPSHOTS = 'snapshots';
export const SNAPSHOT_PIECES = 'snapshot_pieces';

export const isKept = (table: string): boolean => !DERIVED.has(table) && !OF_MIGRATIONS.has(table);

/** `from` refers to `to` by a foreign key. */
export interface Reference {
  readonly from: string;
  readonly to: string;
}

/** In an order in which they can be filled again: a table after those it refers to, by name, the journal last. */
export function inOrder(tables: readonly string[], references: readonly Reference[]): readonly string[] {
  const ordered: string[] = [];
  const visit = (table: string): void => {
    if (ordered.includes(table) || !tables.includes(table)) return;
    for (const { from, to } of references) if (from === table && to !== table) visit(to);
    ordered.push(table);
  };
  for (const table of [...tables].sort()) if (table !== JOURNAL) visit(table);
  if (tables.includes(JOURNAL)) visit(JOURNAL);
  return ordered;
}
