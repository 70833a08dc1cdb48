/** The run over time: one point for each second, or for longer where a long run would make too many of them. */
import { Histogram } from './histogram.ts';
import { isWaitedFor } from './tally.ts';
import type { Answer } from './transport.ts';

export interface Point {
  /** When its span began, in seconds from the begin of the run, and how long it was. */
  readonly atS: number;
  readonly seconds: number;
  readonly due: number;
  /** Good answers and refusals; and how many of them were refusals. */
  readonly answered: number;
  readonly refused: number;
  readonly failed: number;
  readonly shed: number;
  readonly inFlight: number;
  /** From the instants requests were due, of what was waited for in this span. Zero: nothing was. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** A plot has no more pixels, and the memory is bounded. What a run longer than planned adds is not kept. */
const POINTS_MAX = 2_000;
const POINTS_PLANNED = 600;

export class Series {
  readonly points: Point[] = [];
  readonly #spanMs: number;
  readonly #onPoint: (point: Point) => void;
  readonly #latency = new Histogram();
  #beganAt: number | undefined;
  #spanAt: number | undefined;
  #due = 0;
  #answered = 0;
  #refused = 0;
  #failed = 0;
  #shed = 0;

  /** `plannedSeconds`: zero where nobody knows. */
  constructor(plannedSeconds: number, onPoint: (point: Point) => void) {
    this.#spanMs = 1000 * Math.max(1, Math.ceil(plannedSeconds / POINTS_PLANNED));
    this.#onPoint = onPoint;
  }

  due(): void {
    this.#due += 1;
  }
  shed(waitedMs: number): void {
    this.#shed += 1;
    this.#latency.record(waitedMs);
  }
  heard(answer: Answer, latencyMs: number): void {
    if (answer.kind === 'failed') this.#failed += 1;
    else this.#answered += 1;
    if (answer.kind === 'refused') this.#refused += 1;
    if (isWaitedFor(answer)) this.#latency.record(latencyMs);
  }

  /** `now` in seconds from the begin of the run, which it is where nothing was yet. */
  secondsAt(now: number): number {
    this.#beganAt ??= now;
    return (now - this.#beganAt) / 1000;
  }

  /** Ends the span where it is over. */
  look(now: number, inFlight: number): void {
    const atS = this.secondsAt(this.#spanAt ?? now);
    this.#spanAt ??= now;
    const lastedMs = now - this.#spanAt;
    if (lastedMs < this.#spanMs) return;
    const point = {
      atS,
      seconds: lastedMs / 1000,
      due: this.#due,
      answered: this.#answered,
      refused: this.#refused,
      failed: this.#failed,
      shed: this.#shed,
      inFlight,
      p50Ms: this.#latency.quantileMs(0.5),
      p99Ms: this.#latency.quantileMs(0.99),
      maxMs: this.#latency.maxMs,
    };
    this.#spanAt = now;
    this.#due = 0;
    this.#answered = 0;
    this.#refused = 0;
    this.#failed = 0;
    this.#shed = 0;
    this.#latency.clear();
    if (this.points.length < POINTS_MAX) this.points.push(point);
    this.#onPoint(point);
  }
}
