/** Tells the bus what is in the journal: every fact of one shard, in order, at least once. */
import type { Announcer } from '../bus/announcer.ts';
import type { Journal } from '../journal/journal.ts';

export interface RelayOptions {
  readonly shard: string;
  readonly journal: Pick<Journal, 'read' | 'head'>;
  readonly announcer: Announcer;
}
