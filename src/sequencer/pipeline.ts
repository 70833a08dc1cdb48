/**
 * Group commit without a timer: batches on their way to the disk, one after the other. While one commits, the next
 * gathers; it is closed and encoded before the first one's answer comes, so that the disk never waits for the encoder.
 */
import type { Micros, Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { headAfter, sealAfter } from '../journal/chain.ts';
import { encodeEntries } from '../journal/codec.ts';
import type { Head, Journal } from '../journal/journal.ts';
import { Batch } from './batch.ts';
import type { Recovered } from './recovery.ts';
import type { Moment } from './tenure.ts';

export interface BatchLimits {
  /** Events in a batch, give or take what one command brings about. */
  readonly eventsMax: number;
  /** Bytes in a batch, reckoned by the average event of the batch before. */
  readonly bytesMax: number;
  /** How long an append may go without an answer before it is given up. */
  readonly appendTimeoutMs: number;
}

export interface PipelineEvents {
  /** `batch` is on disk, `seconds` after it was sent there. The next one is on its way already. */
  committed(batch: Batch, seconds: number): void;
  /** An append failed, or something about it did: nothing after it will be appended. */
  failed(error: unknown): void;
}

/** From here on a batch is closed while the one before it is still under way; smaller ones stay open till it is not. */
const CLOSE_EARLY_EVENTS = 1024;

export class Pipeline {
  readonly #shard: string;
  readonly #epoch: number;
  readonly #journal: Journal;
  readonly #limits: BatchLimits;
  readonly #stamp: () => Micros;
  readonly #now: () => Moment;
  readonly #events: PipelineEvents;
  /** Where the journal ends once all that is closed is in it. */
  #head: Head;
  #eventBytes = 0;
  #forming: Batch;
  #closed: Batch | undefined;
  #inFlight: Batch | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    shard: string,
    from: Recovered,
    journal: Journal,
    limits: BatchLimits,
    clocks: { readonly stamp: () => Micros; readonly now: () => Moment },
    events: PipelineEvents,
  ) {
    this.#shard = shard;
    this.#epoch = from.epoch;
    this.#head = from.head;
    this.#journal = journal;
    this.#limits = limits;
    this.#stamp = clocks.stamp;
    this.#now = clocks.now;
    this.#events = events;
    this.#forming = new Batch((from.head.position + 1) as Position);
  }

  /** The open batch: what is decided now joins it. */
  get forming(): Batch {
    return this.#forming;
  }

  /** The open batch takes no more until the one before it is committed. */
  get isFull(): boolean {
    return this.#forming.count >= this.#room || this.#forming.turns.length >= this.#limits.eventsMax;
  }

  /** Everything that was closed is committed. */
  get isClear(): boolean {
    return this.#inFlight === undefined && this.#closed === undefined;
  }

  /** Sends what can be sent, and closes early what is large enough. Call it when the open batch has grown. */
  advance(): void {
    if (this.#inFlight === undefined) this.#send();
    const isWorthClosing = this.#forming.count >= Math.min(CLOSE_EARLY_EVENTS, this.#room);
    if (this.#closed === undefined && isWorthClosing) this.#closed = this.#close();
  }

  /** Takes the turns of a batch without facts, once all before it is committed: nothing of it need be written. */
  takeFactless(): Batch | undefined {
    const { forming } = this;
    if (!this.isClear || forming.count > 0 || forming.turns.length === 0) return undefined;
    this.#forming = new Batch(forming.firstPosition);
    return forming;
  }

  /** Stops for good. `sent` may or may not be committed; the `unsent` never will be. */
  abandon(): { readonly sent: Batch | undefined; readonly unsent: readonly Batch[] } {
    this.#isOver = true;
    clearTimeout(this.#deadline);
    const unsent = this.#closed === undefined ? [this.#forming] : [this.#closed, this.#forming];
    return { sent: this.#inFlight, unsent };
  }

  /** How many events the open batch should hold at most. */
  get #room(): number {
    const { eventsMax, bytesMax } = this.#limits;
    return Math.max(1, Math.min(eventsMax, Math.floor(bytesMax / Math.max(1, this.#eventBytes))));
  }

  #send(): void {
    const batch = this.#closed ?? (this.#forming.count > 0 ? this.#close() : undefined);
    this.#closed = undefined;
    if (batch?.sealed === undefined) return;
    this.#inFlight = batch;
    batch.sentAt = this.#now();
    this.#deadline = setTimeout(this.#giveUp, this.#limits.appendTimeoutMs);
    this.#journal.append(batch.sealed).then(this.#onCommitted, this.#onFailed);
  }

  /** Lets nothing more into the open batch, and opens the next. */
  #close(): Batch {
    const batch = this.#forming;
    const { count } = batch;
    const body = encodeEntries(batch.entries);
    const recordedAt = this.#stamp();
    const { source } = batch;
    const row = { shard: this.#shard, count, epoch: this.#epoch, recordedAt, body, source };
    batch.sealed = sealAfter(this.#head, row);
    this.#head = headAfter(batch.sealed);
    this.#eventBytes = body.length / count;
    this.#forming = new Batch((batch.lastPosition + 1) as Position);
    return batch;
  }

  readonly #onCommitted = (): void => {
    const batch = this.#inFlight;
    if (this.#isOver || batch === undefined) return;
    clearTimeout(this.#deadline);
    const seconds = (this.#now().steadyMs - (batch.sentAt?.steadyMs ?? 0)) / 1000;
    this.#inFlight = undefined;
    try {
      this.#send(); // before anyone is told: the disk is not kept waiting
    } catch (error) {
      this.#events.committed(batch, seconds);
      this.#events.failed(error);
      return;
    }
    this.#events.committed(batch, seconds);
  };

  readonly #onFailed = (error: unknown): void => {
    if (!this.#isOver) this.#events.failed(error);
  };

  /**
   * An append that hangs is as good as lost: the recovery's claim raises the epoch, so it either landed before,
   * and is read, or it is refused.
   */
  readonly #giveUp = (): void => {
    if (this.#isOver) return;
    const says = `no answer within ${this.#limits.appendTimeoutMs} ms`;
    this.#events.failed(new Fault('JOURNAL_UNAVAILABLE', says));
  };
}
