/** What became of the requests of one stage: how many, with what outcome, and how long they took. */
import { Histogram } from './histogram.ts';
import type { OperationKind } from './mix.ts';
import type { SelfFigures } from './self-watch.ts';
import type { Stage } from './stages.ts';
import type { Answer, AnswerKind } from './transport.ts';

/** Outcomes that are told apart. A deployment has some dozens; what answers at random must not fill the memory. */
const OUTCOMES_MAX = 200;
const OTHERS = 'others';

export const ANSWER_KINDS = ['good', 'refused', 'failed'] as const satisfies readonly AnswerKind[];

/** Nobody answered in time: the generator's own clock says so, or a proxy's. */
const isTimeOut = ({ kind, outcome }: Answer): boolean =>
  kind === 'failed' && (outcome === 'TIMEOUT' || outcome.startsWith('504'));

/**
 * Does how long it took say what callers wait? Not of a failure: a server that turns requests away in 0.2 ms would
 * look the faster the more of them it turned away. A time-out does: at least so long would it have taken.
 */
export const isWaitedFor = (answer: Answer): boolean => answer.kind !== 'failed' || isTimeOut(answer);

/** Of one kind of request. */
export interface OperationTally {
  /** Good and refused. */
  answered: number;
  refused: number;
  failed: number;
  shed: number;
  /** As {@link Tally.latency}: with those that were shed. */
  readonly latency: Histogram;
}

export class Tally {
  readonly stage: Stage;
  /** Came due. Each was begun or shed, and each that was begun was answered or failed. */
  due = 0;
  begun = 0;
  /** Could not be begun in time. Counted with the time they waited: at least so long would they have taken. */
  shed = 0;
  readonly byKind: Record<AnswerKind, number> = { good: 0, refused: 0, failed: 0 };
  /** Good answers and refusals that came while the stage ran, whichever stage their requests were of. */
  answersWithin = 0;
  /** Those of them that were refusals. */
  refusalsWithin = 0;
  readonly outcomes = new Map<string, number>();
  /**
   * From the instant a request was due: what a caller with a request at that instant would have met. Of all that was
   * waited for, with what was shed and what timed out; see {@link isWaitedFor}.
   */
  readonly latency = new Histogram();
  /** From the instant it was sent: what a closed loop would have shown. Without what was shed. */
  readonly service = new Histogram();
  /** From the instant a request was due, by what it was answered; failures without those that timed out. */
  readonly answers: Record<AnswerKind, Histogram | undefined> = {
    good: undefined,
    refused: undefined,
    failed: undefined,
  };
  /** The same as `latency` for each kind of request: what reads must wait for is not what orders must. */
  readonly byOperation = new Map<OperationKind, OperationTally>();
  /** When it began, in seconds from the begin of the run. */
  atS = 0;
  /** How long the stage ran in truth; less than was planned where it was interrupted. */
  seconds = 0;
  /** How the generator itself fared; undefined until the stage is over. */
  self: SelfFigures | undefined;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  heard(kind: OperationKind, answer: Answer, latencyMs: number, serviceMs: number): void {
    this.byKind[answer.kind] += 1;
    const operation = this.#of(kind);
    operation[answer.kind === 'failed' ? 'failed' : 'answered'] += 1;
    if (answer.kind === 'refused') operation.refused += 1;
    this.#count(`${kind} ${answer.outcome}`, 1);
    if (isWaitedFor(answer)) {
      this.latency.record(latencyMs);
      operation.latency.record(latencyMs);
      this.service.record(serviceMs);
    }
    if (!isTimeOut(answer)) this.#answeredBy(answer.kind).record(latencyMs);
  }

  /** An answer came while the stage ran. */
  heardWithin(kind: AnswerKind): void {
    if (kind === 'failed') return;
    this.answersWithin += 1;
    if (kind === 'refused') this.refusalsWithin += 1;
  }

  shedAfter(kind: OperationKind, waitedMs: number): void {
    this.shed += 1;
    this.latency.record(waitedMs);
    const operation = this.#of(kind);
    operation.shed += 1;
    operation.latency.record(waitedMs);
  }

  /** Answers a second while the stage ran. */
  get throughput(): number {
    return this.seconds > 0 ? this.answersWithin / this.seconds : 0;
  }
  /** Refusals among them, a second. */
  get refusals(): number {
    return this.seconds > 0 ? this.refusalsWithin / this.seconds : 0;
  }
  /** Requests that fell due a second. */
  get offered(): number {
    return this.seconds > 0 ? this.due / this.seconds : 0;
  }
  /** The part of those begun that failed. */
  get failedPart(): number {
    return this.begun > 0 ? this.byKind.failed / this.begun : 0;
  }

  add(other: Tally): void {
    this.due += other.due;
    this.begun += other.begun;
    this.shed += other.shed;
    this.byKind.good += other.byKind.good;
    this.byKind.refused += other.byKind.refused;
    this.byKind.failed += other.byKind.failed;
    this.answersWithin += other.answersWithin;
    this.refusalsWithin += other.refusalsWithin;
    this.seconds += other.seconds;
    for (const [outcome, count] of other.outcomes) this.#count(outcome, count);
    this.latency.add(other.latency);
    this.service.add(other.service);
    for (const kind of ANSWER_KINDS) {
      const histogram = other.answers[kind];
      if (histogram !== undefined) this.#answeredBy(kind).add(histogram);
    }
    for (const [kind, { answered, refused, failed, shed, latency }] of other.byOperation) {
      const operation = this.#of(kind);
      operation.answered += answered;
      operation.refused += refused;
      operation.failed += failed;
      operation.shed += shed;
      operation.latency.add(latency);
    }
  }

  #answeredBy(kind: AnswerKind): Histogram {
    const histogram = this.answers[kind] ?? new Histogram();
    this.answers[kind] = histogram;
    return histogram;
  }

  #of(kind: OperationKind): OperationTally {
    const known = this.byOperation.get(kind);
    if (known !== undefined) return known;
    const made = { answered: 0, refused: 0, failed: 0, shed: 0, latency: new Histogram() };
    this.byOperation.set(kind, made);
    return made;
  }

  #count(outcome: string, count: number): void {
    const isKnown = this.outcomes.has(outcome) || this.outcomes.size < OUTCOMES_MAX;
    const name = isKnown ? outcome : OTHERS;
    this.outcomes.set(name, (this.outcomes.get(name) ?? 0) + count);
  }
}

/** All of `tallies` that count, as one. */
export function totalOf(tallies: readonly Tally[]): Tally {
  const counting = tallies.filter(({ stage }) => !stage.isWarmUp);
  const total = new Tally({ name: 'all', rate: 0, seconds: 0, isWarmUp: false });
  for (const tally of counting) total.add(tally);
  return total;
}
