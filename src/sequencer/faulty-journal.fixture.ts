/** A journal that fails as it is told: refuses, keeps but loses the answer, hangs, or holds its answers back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Micros, Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Claim, Head, Journal, SealedBatch } from '../journal/journal.ts';

/** What becomes of one append. */
export type Fate =
  | 'kept'
  /** Not written; the caller is told that nobody knows. */
  | 'lost'
  /** Written; the caller is told that nobody knows. */
  | 'keptUnheard'
  /** Not written, and never answered. */
  | 'hung'
  /** Written, and never answered. */
  | 'keptHung'
  /** Written; the answer comes after `lateMs`. */
  | 'keptLate'
  /** Answered as if another writer lived. */
  | 'conflict';

export class FaultyJournal implements Journal {
  readonly #inner: Journal;
  /** Of the appends to come, the next one first; those beyond are kept. */
  readonly fates: Fate[] = [];
  /** Nothing answers while it is down. */
  isDown = false;
  lateMs = 40;
  /** Appends begun and not answered yet, and the most there ever were. */
  underWay = 0;
  underWayMax = 0;
  readonly appended: SealedBatch[] = [];
  /** How often a claim was to be confirmed. */
  confirmed = 0;
  #gate: Promise<void> | undefined;

  constructor(inner: Journal) {
    this.#inner = inner;
  }

  /** Appends wait until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return () => {
      this.#gate = undefined;
      resolve();
    };
  }

  async claim(): Promise<Claim> {
    this.#mustBeUp();
    return await this.#inner.claim();
  }

  async append(batch: SealedBatch): Promise<void> {
    this.underWay++;
    this.underWayMax = Math.max(this.underWayMax, this.underWay);
    this.appended.push(batch);
    try {
      await this.#gate;
      this.#mustBeUp();
      await this.#meet(this.fates.shift() ?? 'kept', batch);
    } finally {
      this.underWay--;
    }
  }

  async confirm(): Promise<void> {
    this.confirmed++;
    this.#mustBeUp();
    await this.#inner.confirm();
  }

  async *read(after: Position): AsyncIterable<SealedBatch> {
    this.#mustBeUp();
    yield* this.#inner.read(after);
  }

  async head(): Promise<Head> {
    this.#mustBeUp();
    return await this.#inner.head();
  }

  async positionBefore(time: Micros): Promise<Position> {
    this.#mustBeUp();
    return await this.#inner.positionBefore(time);
  }

  async #meet(fate: Fate, batch: SealedBatch): Promise<void> {
    if (fate === 'conflict') throw new Fault('JOURNAL_CONFLICT');
    if (fate === 'kept' || fate === 'keptUnheard' || fate === 'keptHung' || fate === 'keptLate')
      await this.#inner.append(batch);
    if (fate === 'keptLate') await sleep(this.lateMs);
    if (fate === 'hung' || fate === 'keptHung') await new Promise(() => {});
    if (fate === 'lost' || fate === 'keptUnheard') throw new Fault('JOURNAL_UNAVAILABLE');
  }

  #mustBeUp(): void {
    if (this.isDown) throw new Fault('JOURNAL_UNAVAILABLE');
  }
}
