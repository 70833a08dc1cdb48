/** Spans on their way from any thread of this process to the one that exports them: bounded, and never waited for. */
import { BroadcastChannel } from 'node:worker_threads';
import { harmless } from './harmless.ts';
import { isSampled, traceIdOf } from './trace-ids.ts';
import type { Span, Tracing } from './tracing.ts';

/** What every thread is told of the line. */
export interface SpanLine {
  /** Name of the channel that spans are posted on. */
  readonly channel: string;
  /** Part of all traces that is kept, 0 to 1. */
  readonly ratio: number;
  /** Spans that may be under way, over all threads, until the collector has them. */
  readonly queueMax: number;
  /** Two 32-bit integers that all threads share: spans under way, and spans dropped so far. */
  readonly counts: SharedArrayBuffer;
}

const UNDER_WAY = 0;
const DROPPED = 1;

/** The two figures of a line, as any thread sees and changes them. */
export class SpanCounts {
  readonly #counts: Int32Array;

  constructor(counts: SharedArrayBuffer) {
    this.#counts = new Int32Array(counts);
  }

  static fresh(): SharedArrayBuffer {
    return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  }

  get underWay(): number {
    return Atomics.load(this.#counts, UNDER_WAY);
  }
  get dropped(): number {
    return Atomics.load(this.#counts, DROPPED);
  }

  /** One more is under way; false: there is no room, and it is dropped. */
  tryEnter(most: number): boolean {
    const hasRoom = this.underWay < most;
    Atomics.add(this.#counts, hasRoom ? UNDER_WAY : DROPPED, 1);
    return hasRoom;
  }

  /** So many are no longer under way: the collector has them, or nobody will. */
  left(spans: number, isDelivered: boolean): void {
    Atomics.sub(this.#counts, UNDER_WAY, spans);
    if (!isDelivered) Atomics.add(this.#counts, DROPPED, spans);
  }
}

/** So many spans are posted together, or what there is after so many milliseconds. */
const POST = { spans: 64, afterMs: 100 };
/** By more than this the wall clock was set, or has run away from the steady one. It is read to the millisecond. */
const APART_MS = 5;

/** One thread's end of the line. A span is told in wall time from here on, in milliseconds since 1970. */
export class SpanSender implements Tracing {
  readonly #line: SpanLine;
  readonly #counts: SpanCounts;
  readonly #channel: BroadcastChannel;
  readonly #posting: NodeJS.Timeout;
  #waiting: Span[] = [];
  #isClosed = false;
  /** Wall time less steady time. */
  #epoch = performance.timeOrigin;

  constructor(line: SpanLine) {
    this.#line = line;
    this.#counts = new SpanCounts(line.counts);
    this.#channel = new BroadcastChannel(line.channel);
    this.#channel.unref();
    this.#posting = setInterval(() => this.flush(), POST.afterMs).unref();
  }

  traceOf(correlationId: string): string | undefined {
    const isUuid = correlationId.length === 36; // its last digits are its trace's
    if (isUuid && !isSampled(correlationId, this.#line.ratio)) return undefined;
    const traceId = traceIdOf(correlationId);
    return isSampled(traceId, this.#line.ratio) ? traceId : undefined;
  }

  record(span: Span): void {
    if (!this.#counts.tryEnter(this.#isClosed ? 0 : this.#line.queueMax)) return;
    const beganAt = this.#epoch + span.beganAt;
    this.#waiting.push({ ...span, beganAt, endedAt: Math.max(beganAt, this.#epoch + span.endedAt) });
    if (this.#waiting.length >= POST.spans) this.flush();
  }

  flush(): void {
    const epoch = Date.now() - performance.now();
    if (Math.abs(epoch - this.#epoch) > APART_MS) this.#epoch = epoch;
    if (this.#isClosed || this.#waiting.length === 0) return;
    const spans = this.#waiting;
    this.#waiting = [];
    harmless(
      () => this.#channel.postMessage(spans),
      () => this.#counts.left(spans.length, false),
    );
  }

  /** Posts what is left. What is recorded from now on is dropped, and counted. */
  close(): void {
    if (this.#isClosed) return;
    clearInterval(this.#posting);
    this.flush();
    this.#isClosed = true;
    this.#channel.close();
  }
}
