/** A journal that keeps only where it ends: it stands for a disk, whose size is none of the process's. */
import type { Position } from '../../src/core/values/names.ts';
import { headAfter } from '../../src/journal/chain.ts';
import type { Claim, Head, Journal, SealedBatch } from '../../src/journal/journal.ts';

export class ForgetfulJournal implements Journal {
  #head: Head = { position: 0 as Position, hash: undefined };

  async claim(): Promise<Claim> {
    return { epoch: 1, head: this.#head };
  }

  async append(batch: SealedBatch): Promise<void> {
    this.#head = headAfter(batch);
  }

  async confirm(): Promise<void> {}

  async *read(): AsyncIterable<SealedBatch> {}

  async head(): Promise<Head> {
    return this.#head;
  }

  async positionBefore(): Promise<Position> {
    return this.#head.position;
  }
}
