/** What a load came to, as figures. */
import { type LoadFigures, stageFiguresOf, warningsOn } from '../../load/figures.ts';
import { complaintsOn } from '../../load/find.ts';
import type { LoadPlan, LoadResult } from '../../load/load.ts';
import { totalOf } from '../../load/tally.ts';
import { VERSION } from '../../main/version.ts';
import type { Chosen } from './flags.ts';

export interface Circumstances {
  readonly title: string | undefined;
  readonly wasInterrupted: boolean;
}

export function figuresFrom(
  result: LoadResult,
  chosen: Chosen,
  plan: LoadPlan,
  { title, wasInterrupted }: Circumstances,
): LoadFigures {
  const { tallies, troubles, highest, verified, leftovers } = result;
  const total = totalOf(tallies);
  const { latency, service } = total;
  const counting = tallies.filter(({ stage }) => !stage.isWarmUp);
  const isByRate = chosen.course.kind === 'stages' && chosen.peak === undefined && counting.length > 1;
  return {
    version: VERSION,
    startedAt: result.startedAt.toISOString(),
    title: title ?? titleOf(chosen),
    targets: plan.urls.map(({ origin }) => origin),
    by: isByRate ? 'rate' : 'time',
    settings: settingsOf(chosen, plan, result.run),
    wasInterrupted,
    total: stageFiguresOf(total),
    outcomes: Object.fromEntries(total.outcomes),
    acknowledgedOrders: result.acknowledged,
    stages: tallies.map(stageFiguresOf),
    series: result.series,
    latencyBuckets: latency.buckets(),
    serviceBuckets: service.buckets(),
    ...(highest === undefined ? {} : { highestSustained: highest }),
    ...(chosen.peak === undefined ? {} : { shortcomings: shortcomingsIn(counting, chosen, result) }),
    ...(verified === undefined ? {} : { verified }),
    warnings: [...warningsOn(tallies, total, troubles, plan.isSpinning), ...leftovers],
  };
}

/** Short enough to stand over a plot. */
function titleOf({ says, peak }: Chosen): string {
  const short = peak === undefined ? says : (says.split(' of ')[0] ?? says);
  return short.charAt(0).toUpperCase() + short.slice(1);
}

/** A play that came to no order at all has proved nothing. */
function shortcomingsIn(
  tallies: LoadResult['tallies'],
  { bounds }: Chosen,
  { acknowledged }: LoadResult,
): string[] {
  const complaints = tallies.flatMap((tally) => {
    const found = complaintsOn(tally, bounds);
    return found.length === 0 ? [] : [`${tally.stage.name}: ${found.join(', ')}`];
  });
  return complaints.length === 0 && acknowledged === 0 ? ['no order was acknowledged'] : complaints;
}

/** How to do it again. Names, and no passwords. */
function settingsOf(chosen: Chosen, plan: LoadPlan, run: string): Record<string, unknown> {
  const { mix, orders, spacing, seed, connectionsMax, timeoutMs, patienceMs, bounds, peak } = chosen;
  return {
    run,
    says: chosen.says,
    mix,
    orders,
    arrivals: spacing,
    seed,
    connectionsMax,
    timeoutMs,
    patienceMs,
    bounds,
    isSpinning: plan.isSpinning,
    traders: plan.traders.map(({ name }) => name),
    limitsRaised: plan.riskManager !== undefined,
    ...(peak === undefined ? {} : { peak: { at: peak.at, tradesASecond: peak.tradesASecond } }),
  };
}
