/** The baseline: inserts given bodies into the same table, one after the other, and does nothing else. */
import { headAfter, sealAfter } from '../../src/journal/chain.ts';
import type { Head, Journal, SealedBatch } from '../../src/journal/journal.ts';

export class BareLoop {
  readonly #journal: Journal;
  readonly #shard: string;
  #epoch = 0;
  #head: Head | undefined;

  constructor(journal: Journal, shard: string) {
    this.#journal = journal;
    this.#shard = shard;
  }

  /** Inserts the bodies of `rows` with the sequencer's own statement; sealed anew beforehand. Returns seconds. */
  async insert(rows: readonly SealedBatch[]): Promise<number> {
    const sealed = await this.#seal(rows);
    const started = performance.now();
    for (const row of sealed) await this.#journal.append(row);
    return (performance.now() - started) / 1000;
  }

  async #seal(rows: readonly SealedBatch[]): Promise<readonly SealedBatch[]> {
    if (this.#head === undefined) {
      const claim = await this.#journal.claim();
      this.#epoch = claim.epoch;
      this.#head = claim.head;
    }
    const sealed: SealedBatch[] = [];
    for (const { count, recordedAt, body } of rows) {
      const batch = sealAfter(this.#head, {
        shard: this.#shard,
        count,
        epoch: this.#epoch,
        recordedAt,
        body,
      });
      this.#head = headAfter(batch);
      sealed.push(batch);
    }
    return sealed;
  }
}
