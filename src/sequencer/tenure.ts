/** Whether the shard is still this process's own: proved by every commit, and asked of the journal after a while without. */
import type { Journal } from '../journal/journal.ts';

/** A point in time by two clocks: the steady one may stand still while a machine sleeps, the other may be set back. */
export interface Moment {
  readonly steadyMs: number;
  readonly wallMs: number;
}

export const momentNow = (): Moment => ({ steadyMs: performance.now(), wallMs: Date.now() });

/**
 * So long a proof is good for, in milliseconds: half the session after which a silent engine's shards are given to
 * another, so that an engine that was stopped for longer has no proof left when it goes on; and longer than a journal
 * takes that is slow for a while.
 */
const GOOD_FOR_MS = 3_000;

export class Tenure {
  readonly #journal: Pick<Journal, 'confirm'>;
  readonly #now: () => Moment;
  #provedAt: Moment | undefined;
  #asking: Promise<void> | undefined;

  constructor(journal: Pick<Journal, 'confirm'>, now: () => Moment = momentNow) {
    this.#journal = journal;
    this.#now = now;
  }

  /** The shard was ours so short a time ago that it is ours still. */
  get isProved(): boolean {
    if (this.#provedAt === undefined) return false;
    const { steadyMs, wallMs } = this.#now();
    const { steadyMs: steadyThen, wallMs: wallThen } = this.#provedAt;
    return Math.max(steadyMs - steadyThen, wallMs - wallThen) <= GOOD_FOR_MS;
  }

  /** Call it before the journal is asked: its answer proves only that the shard was ours at some time after this. */
  now(): Moment {
    return this.#now();
  }

  /** The journal took what it was sent at `sentAt`. */
  prove(sentAt: Moment): void {
    this.#provedAt = sentAt;
  }

  /** Asks the journal, once for all who wait. @throws as {@link Journal.confirm} */
  confirm(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    const sentAt = this.#now();
    await this.#journal.confirm();
    this.prove(sentAt);
  }
}
