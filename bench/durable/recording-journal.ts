/** The real journal, and a copy of every row that was put into it. */
import type { Micros, Position } from '../../src/core/values/names.ts';
import type { Claim, Head, Journal, SealedBatch } from '../../src/journal/journal.ts';

export class RecordingJournal implements Journal {
  readonly #journal: Journal;
  #rows: SealedBatch[] = [];

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** The rows committed since they were last taken. */
  takeRows(): readonly SealedBatch[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  async append(batch: SealedBatch): Promise<void> {
    await this.#journal.append(batch);
    this.#rows.push(batch);
  }

  claim(): Promise<Claim> {
    return this.#journal.claim();
  }

  confirm(): Promise<void> {
    return this.#journal.confirm();
  }

  read(after: Position): AsyncIterable<SealedBatch> {
    return this.#journal.read(after);
  }

  head(): Promise<Head> {
    return this.#journal.head();
  }

  positionBefore(time: Micros): Promise<Position> {
    return this.#journal.positionBefore(time);
  }
}
