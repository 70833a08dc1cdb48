/** A recorded day as load: its busiest minutes, by the rule that a trade is an order of ours, played at a multiple. */
import { Fault } from '../faults/fault.ts';
import { type Stage, stageOf, warmUpOf } from './stages.ts';

/**
 * The rule. A minute bar has no messages in it, only the shares that were traded. We take each trade to be of so many
 * shares, about the mean of US equities, and each to be one order of ours, as if this firm alone were one side of the
 * whole market in that instrument.
 */
export const SHARES_A_TRADE = 200;
/** Minutes that are played: the peak one, and those around it. */
const MINUTES = 15;
/** Most of them come before the peak, as the closing one of a day has nothing after it. */
const BEFORE = 10;
const WARM_UP_S = 5;

/** A minute and what was traded in it. */
export interface Minute {
  readonly at: string;
  readonly shares: number;
}

/**
 * What is played where no file is given: the peak minute of SPY on 2013-10-08, 266 trades a second by the rule, and
 * around it a shape made up for this: a close, as parts of the peak.
 */
const PEAK_TRADES_A_SECOND = 266;
const SHAPE = [0.15, 0.15, 0.2, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 1, 0.35, 0.3, 0.2, 0.15];

export const USUAL_MINUTES: readonly Minute[] = SHAPE.map((part, i) => ({
  at: `minute ${i + 1}`,
  shares: Math.round(part * PEAK_TRADES_A_SECOND * SHARES_A_TRADE * 60),
}));

/** Reads minutes from CSV with a header that has `time` and `volume`. @throws Fault ARGUMENT_INVALID */
export function minutesIn(csv: string): readonly Minute[] {
  const [header = '', ...lines] = csv.split(/\r?\n/).filter((line) => line.trim() !== '');
  const names = header.split(',').map((name) => name.trim().toLowerCase());
  const [time, volume] = [names.indexOf('time'), names.indexOf('volume')];
  if (time < 0 || volume < 0) {
    const why =
      'a recorded day has the columns time and volume; quotes alone say nothing of how much was traded';
    throw new Fault('ARGUMENT_INVALID', `${why}. The columns are: ${header.slice(0, 200)}`);
  }
  return lines.map((line, i) => {
    const cells = line.split(',');
    const [at = '', text = ''] = [cells[time]?.trim(), cells[volume]?.trim()];
    const shares = text === '' ? Number.NaN : Number(text);
    if (!Number.isNaN(Date.parse(at)) && shares >= 0 && Number.isFinite(shares)) return { at, shares };
    throw new Fault('ARGUMENT_INVALID', `line ${i + 2} has no time or no volume: ${line.slice(0, 200)}`);
  });
}

export interface Play {
  /** What is played, as a multiple of what was recorded. */
  readonly times: number;
  /** How long a recorded minute is played, in seconds. Its rate stays as it is. */
  readonly minuteSeconds: number;
  readonly sharesATrade: number;
  /** The part of requests that are orders: reads and cancels come on top. 0 to 1. */
  readonly placedPart: number;
}

export interface Peak {
  readonly at: string;
  /** Recorded in the peak minute, by the rule. */
  readonly tradesASecond: number;
  /** Offered in it, with the multiple, cancels and reads. */
  readonly requestsASecond: number;
  readonly stages: readonly Stage[];
}

/** @throws Fault ARGUMENT_INVALID: nothing was traded */
export function peakOf(minutes: readonly Minute[], play: Play): Peak {
  const { times, minuteSeconds, sharesATrade, placedPart } = play;
  let top = 0;
  for (const [i, { shares }] of minutes.entries()) if (shares > (minutes[top]?.shares ?? 0)) top = i;
  const peak = minutes[top];
  if (peak === undefined || peak.shares <= 0)
    throw new Fault('ARGUMENT_INVALID', 'nothing was traded in the recorded day');
  const tradesASecond = (shares: number): number => shares / sharesATrade / 60;
  const rateOf = (shares: number): number => (times * tradesASecond(shares)) / placedPart;
  const day = peak.at.slice(0, 10);
  const from = Math.max(0, top - BEFORE);
  const played = minutes
    .slice(from, from + MINUTES)
    .filter(({ at }) => at.slice(0, 10) === day || !at.includes('T'));
  const stages = played.map(({ at, shares }) => stageOf(rateOf(shares), minuteSeconds, timeOfDay(at)));
  const first = stages[0]?.rate ?? 0;
  return {
    at: peak.at,
    tradesASecond: tradesASecond(peak.shares),
    requestsASecond: rateOf(peak.shares),
    stages: [...(first > 0 ? [warmUpOf(first, WARM_UP_S)] : []), ...stages],
  };
}

/** `15:59` of an ISO time; anything else as it is. */
const timeOfDay = (at: string): string => /T(\d\d:\d\d)/.exec(at)?.[1] ?? at;
