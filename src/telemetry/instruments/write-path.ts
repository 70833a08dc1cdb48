/** From the sequencer's queue to the disk. */
import { SIZES } from '../buckets.ts';
import type { Catalogue, Role } from '../catalogue.ts';

const roles: readonly Role[] = ['engine'];

export const writePathInstruments = (catalogue: Catalogue) => ({
  sequencerQueue: catalogue.gauge({
    name: 'sequencer_queue_depth',
    help: 'Commands waiting',
    labelNames: ['shard'],
    roles,
  }),
  sequencerBatch: catalogue
    .distribution(
      { name: 'sequencer_batch_commands', help: 'Commands that one group commit holds', roles },
      SIZES,
    )
    .labels({}),
  sequencerWait: catalogue
    .distribution({
      name: 'sequencer_wait_seconds',
      help: 'From a command’s coming into the queue to its turn in a batch',
      roles,
    })
    .labels({}),
  decide: catalogue
    .distribution({
      name: 'decide_seconds',
      help: 'One command decided and its facts folded into the state',
      roles,
    })
    .labels({}),
  journalAppend: catalogue
    .distribution({
      name: 'journal_append_seconds',
      help: 'One append, until PostgreSQL says it is on disk',
      roles,
    })
    .labels({}),
  journalPosition: catalogue.gauge({
    name: 'journal_position',
    help: 'Position of the newest committed fact',
    labelNames: ['shard'],
    roles,
  }),
});
