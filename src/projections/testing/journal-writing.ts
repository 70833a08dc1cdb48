/** Writes entries into a real journal, as the sequencer would. */
import type { Micros } from '../../core/values/names.ts';
import { headAfter, sealAfter } from '../../journal/chain.ts';
import { encodeEntries } from '../../journal/codec.ts';
import type { CommittedBatch } from '../../journal/entry.ts';
import type { Head, Journal } from '../../journal/journal.ts';

export class JournalWriter {
  readonly #journal: Journal;
  readonly #shard: string;
  #epoch = 0;
  #head: Head | undefined;

  constructor(journal: Journal, shard: string) {
    this.#journal = journal;
    this.#shard = shard;
  }

  async write(batches: readonly CommittedBatch[]): Promise<void> {
    if (this.#head === undefined) {
      const claim = await this.#journal.claim();
      this.#epoch = claim.epoch;
      this.#head = claim.head;
    }
    for (const { firstPosition, lastPosition, entries } of batches) {
      const sealed = sealAfter(this.#head, {
        shard: this.#shard,
        count: lastPosition - firstPosition + 1,
        epoch: this.#epoch,
        recordedAt: entries[0]?.at ?? (0 as Micros),
        body: encodeEntries(entries),
      });
      await this.#journal.append(sealed);
      this.#head = headAfter(sealed);
    }
  }
}
