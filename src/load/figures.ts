/** All that a load found out, as plain JSON: enough to draw its plot again, and to compare it with another run. */
import type { Trial } from './find.ts';
import type { Histogram } from './histogram.ts';
import type { OperationKind } from './mix.ts';
import { bottleneckIn, type SelfFigures } from './self-watch.ts';
import type { Point } from './series.ts';
import { ANSWER_KINDS, type Tally } from './tally.ts';
import type { AnswerKind } from './transport.ts';
import type { Verified } from './verify.ts';

export const QUANTILES = { p50: 0.5, p90: 0.9, p99: 0.99, p999: 0.999, p9999: 0.9999 } as const;
export type QuantileName = keyof typeof QUANTILES;

/** Milliseconds. */
export type Latencies = Readonly<Record<QuantileName | 'max' | 'mean', number>>;

export interface StageFigures {
  readonly name: string;
  readonly isWarmUp: boolean;
  /** Requests a second: what was asked for, what fell due, and what was answered while it ran. */
  readonly rate: number;
  readonly offered: number;
  readonly throughput: number;
  /** The part of `throughput` that were refusals: a rule said no. */
  readonly refusals: number;
  /** When it began, in seconds from the begin of the run; of the total 0. */
  readonly atS: number;
  readonly seconds: number;
  readonly due: number;
  readonly begun: number;
  readonly shed: number;
  readonly good: number;
  readonly refused: number;
  readonly failed: number;
  /**
   * From the instant each request was due, corrected for coordinated omission; those shed with the time they waited,
   * those timed out with theirs, and without what failed otherwise.
   */
  readonly latencyMs: Latencies;
  /** From the instant each was sent: what a closed loop would have shown. Without what failed, but for time-outs. */
  readonly serviceMs: Latencies;
  /** From the instant each was due, by what came of it; `failed` without time-outs. */
  readonly answers: Readonly<Partial<Record<AnswerKind, AnswerFigures>>>;
  /** As `latencyMs`, of each kind of request. */
  readonly operations: Readonly<Partial<Record<OperationKind, OperationFigures>>>;
  readonly generator: SelfFigures | undefined;
}

export interface AnswerFigures {
  readonly count: number;
  readonly latencyMs: Latencies;
}

export interface OperationFigures {
  /** Good and refused; and how many of them were refused. */
  readonly answered: number;
  readonly refused: number;
  readonly failed: number;
  readonly shed: number;
  readonly latencyMs: Latencies;
}

export interface LoadFigures {
  readonly version: string;
  readonly startedAt: string;
  readonly title: string;
  readonly targets: readonly string[];
  /** `rate`: the stages are steps of one, and the plot's x axis. `time`: the series is. */
  readonly by: 'rate' | 'time';
  readonly settings: Readonly<Record<string, unknown>>;
  readonly wasInterrupted: boolean;
  readonly total: StageFigures;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly acknowledgedOrders: number;
  readonly stages: readonly StageFigures[];
  readonly series: readonly Point[];
  /** Every bucket of the total's latency that holds something: its upper edge in milliseconds, and how many. */
  readonly latencyBuckets: readonly (readonly [number, number])[];
  readonly serviceBuckets: readonly (readonly [number, number])[];
  readonly highestSustained?: { readonly rate: number; readonly trials: readonly Trial[] };
  /** Of a play of a peak: what did not hold, in words; nothing: it held. */
  readonly shortcomings?: readonly string[];
  readonly verified?: Verified;
  readonly warnings: readonly string[];
}

function latenciesOf(histogram: Histogram): Latencies {
  const of = (name: QuantileName): number => histogram.quantileMs(QUANTILES[name]);
  return {
    p50: of('p50'),
    p90: of('p90'),
    p99: of('p99'),
    p999: of('p999'),
    p9999: of('p9999'),
    max: histogram.maxMs,
    mean: Math.round(histogram.meanMs * 1000) / 1000,
  };
}

export function stageFiguresOf(tally: Tally): StageFigures {
  const { stage, seconds, due, begun, shed, byKind, latency, service } = tally;
  return {
    name: stage.name,
    isWarmUp: stage.isWarmUp,
    rate: stage.rate,
    offered: tally.offered,
    throughput: tally.throughput,
    refusals: tally.refusals,
    atS: tally.atS,
    seconds,
    due,
    begun,
    shed,
    ...byKind,
    latencyMs: latenciesOf(latency),
    serviceMs: latenciesOf(service),
    answers: Object.fromEntries(
      ANSWER_KINDS.flatMap((kind) => {
        const histogram = tally.answers[kind];
        if (histogram === undefined) return [];
        return [[kind, { count: histogram.count, latencyMs: latenciesOf(histogram) }]];
      }),
    ),
    operations: Object.fromEntries(
      [...tally.byOperation].map(([kind, { latency: waited, ...counts }]) => [
        kind,
        { ...counts, latencyMs: latenciesOf(waited) },
      ]),
    ),
    generator: tally.self,
  };
}

/** Why orders were refused, by the rule that was named first. */
const REFUSED = /^place 200 REJECTED ?/;
const REASONS: Readonly<Record<string, string>> = {
  KILL_SWITCH_ACTIVE: 'trading is halted until a risk manager releases the kill switch',
  TRADING_CLOSED: 'the trading day is not open',
  DEADLINE_PASSED: 'they waited in the deployment for longer than an order may',
  NO_FRESH_QUOTE: 'the market data stands still or comes late',
};

/** A line for each reason, the most frequent first. */
function refusalsIn({ outcomes }: Tally): string[] {
  const refused = [...outcomes].filter(([outcome]) => REFUSED.test(outcome)).sort(([, a], [, b]) => b - a);
  return refused.map(([outcome, count]) => {
    const rule = outcome.replace(REFUSED, '');
    const limit = rule.endsWith('_LIMIT') ? '--raise-limits moves the limits out of the way' : undefined;
    const why = REASONS[rule] ?? limit;
    const words = rule === '' ? 'without a reason' : `by ${rule}`;
    return `${count} orders were refused ${words}${why === undefined ? '' : `: ${why}`}.`;
  });
}

/** What a reader must know before believing the figures. */
export function warningsOn(
  tallies: readonly Tally[],
  total: Tally,
  troubles: ReadonlyMap<string, number>,
  isSpinning: boolean,
): string[] {
  const warnings: string[] = [];
  const slow = tallies.filter(
    ({ stage, self }) => !stage.isWarmUp && self !== undefined && bottleneckIn(self, isSpinning),
  );
  const [first] = slow;
  if (first?.self !== undefined) {
    const where = slow.length === tallies.length ? '' : ` in ${slow.length} of ${tallies.length} stages`;
    warnings.push(
      `${bottleneckIn(first.self, isSpinning)}${where}: the figures are as much its own as the deployment's. Use another machine, or several generators.`,
    );
  }
  const outcomes = [...total.outcomes];
  const countOf = (word: string): number =>
    outcomes.reduce((sum, [outcome, count]) => sum + (outcome.includes(word) ? count : 0), 0);
  const limited = countOf('429 RATE_LIMITED');
  if (limited > 0) {
    warnings.push(
      `${limited} requests met the rate limit, not the machine: start the deployment with RATE_LIMIT_PER_MINUTE=0, or give more users.`,
    );
  }
  warnings.push(...refusalsIn(total));
  if (total.shed > 0) {
    warnings.push(
      `${total.shed} requests were shed. They stand in the latencies with the time they waited, which is less than they would have taken.`,
    );
  }
  if (total.byKind.failed > 0) {
    warnings.push(
      `${total.byKind.failed} requests failed. But for time-outs they are in no percentile: a quick no is no quick answer.`,
    );
  }
  for (const [why, count] of troubles) warnings.push(`${count} connections could not be opened: ${why}`);
  return warnings;
}
