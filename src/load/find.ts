/** The highest rate that a deployment sustains: doubled until it does not, then halved in between. */
import type { Tally } from './tally.ts';

export interface Bounds {
  /** The 99th percentile of latency, from when requests were due, in milliseconds. */
  readonly p99MsMax: number;
  /** The part of requests that fail, 0 to 1. */
  readonly failedPartMax: number;
  /** The part of the orders that were answered and refused, 0 to 1: a no costs a deployment little, so it is no work. */
  readonly refusedPartMax: number;
}

/**
 * Of what was offered so much must be answered while it is offered; else a queue grows somewhere. A few that are just
 * under way at the end are none.
 */
const ANSWERED_PART_MIN = 0.99;
const UNDER_WAY_MAX = 5;

/** What callers of `tally` would complain of: nothing where all is within the bounds. */
export function complaintsOn(tally: Tally, bounds: Bounds): readonly string[] {
  const { p99MsMax, failedPartMax } = bounds;
  const found: string[] = [];
  if (tally.shed > 0) found.push(`${tally.shed} shed`);
  if (tally.failedPart > failedPartMax) found.push(`${percent(tally.failedPart)} failed`);
  found.push(...refusalsIn(tally, bounds));
  const p99Ms = tally.latency.quantileMs(0.99);
  if (p99Ms > p99MsMax) found.push(`p99 ${p99Ms.toFixed(1)} ms`);
  return found;
}

/** Only of orders: that one is finished before its cancel comes is nobody's fault. */
function refusalsIn({ byOperation }: Tally, { refusedPartMax }: Bounds): readonly string[] {
  const orders = byOperation.get('place');
  const begun = orders === undefined ? 0 : orders.answered + orders.failed;
  if (orders === undefined || begun === 0) return [];
  if (orders.answered === orders.refused) return [`none of ${begun} orders acknowledged`];
  const part = orders.refused / orders.answered;
  return part > refusedPartMax ? [`${percent(part)} of the orders refused`] : [];
}

/** Why the rate of `tally`, which ran in at that rate, is not sustained: nothing where it is. */
export function shortcomingsOf(tally: Tally, bounds: Bounds): readonly string[] {
  const answered = tally.due > 0 ? tally.answersWithin / tally.due : 0;
  const isBehind = answered < ANSWERED_PART_MIN && tally.due - tally.answersWithin > UNDER_WAY_MAX;
  const complaints = complaintsOn(tally, bounds);
  return isBehind ? [...complaints, `${percent(answered)} answered while it ran`] : complaints;
}

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

export interface Search {
  /** The first rate to try, in requests a second. */
  readonly from: number;
  readonly most: number;
  /** The answer may be so much below the truth, as a part of it. */
  readonly within: number;
}

export interface Trial {
  readonly rate: number;
  readonly isSustained: boolean;
}

/** Undefined from a trial: interrupted, so the search ends with what is known. */
export type Try = (rate: number) => Promise<boolean | undefined>;

/**
 * The highest rate that was sustained, and every trial; 0 where none was. What fails is tried once more: a hiccup is
 * no limit. Each failure halves the way up, so a search ends after some twenty trials.
 */
export async function findHighest(attempt: Try, search: Search): Promise<{ rate: number; trials: Trial[] }> {
  const { from, most, within } = search;
  const trials: Trial[] = [];
  const isSustained = async (rate: number): Promise<boolean | undefined> => {
    for (let i = 0; i < 2; i++) {
      const outcome = await attempt(rate);
      if (outcome === undefined) return undefined;
      trials.push({ rate, isSustained: outcome });
      if (outcome) return true;
    }
    return false;
  };
  let good = 0;
  let bad: number | undefined;
  let rate = Math.min(from, most);
  for (;;) {
    const outcome = await isSustained(rate);
    if (outcome === undefined) break;
    if (outcome) good = rate;
    else bad = rate;
    if (good >= most || rate < 1) break;
    if (bad !== undefined && bad - good <= within * bad) break;
    rate = bad === undefined ? Math.min(most, 2 * good) : rounded((good + bad) / 2);
    if (rate === good || rate === bad) break;
  }
  return { rate: good, trials };
}

/** Three digits are as much as such a figure can bear. */
const rounded = (rate: number): number => Number(rate.toPrecision(3));
