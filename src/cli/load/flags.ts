/** The flags of `itirp load`, and what they come to. */
import { readFile } from 'node:fs/promises';
import { Fault } from '../../faults/fault.ts';
import { SPACINGS, type Spacing } from '../../load/arrivals.ts';
import type { Bounds } from '../../load/find.ts';
import type { Course } from '../../load/load.ts';
import {
  type Mix,
  OPERATIONS,
  type OperationKind,
  ORDER_KINDS,
  type OrderKind,
  partOf,
  readMix,
  USUAL_MIX,
  USUAL_ORDERS,
} from '../../load/mix.ts';
import { minutesIn, type Peak, peakOf, SHARES_A_TRADE, USUAL_MINUTES } from '../../load/peak.ts';
import { RATE_MAX, readDuration, readRamp, readRate, stageOf, warmUpOf } from '../../load/stages.ts';
import type { UserFlags } from './users.ts';

export interface LoadFlags extends UserFlags {
  readonly url?: readonly string[];
  readonly ownServer?: boolean;
  readonly yesIMay?: boolean;
  readonly ca?: string;
  readonly rate?: string;
  readonly for: string;
  readonly ramp?: string;
  readonly find?: boolean;
  readonly peakOf?: string;
  readonly stress?: boolean;
  readonly times: string;
  readonly minute: string;
  readonly sharesATrade: string;
  readonly warmUp: string;
  readonly step: string;
  readonly p99?: string;
  readonly errors: string;
  readonly refusals: string;
  readonly within: string;
  readonly most: string;
  readonly mix?: string;
  readonly orders?: string;
  readonly arrivals: string;
  readonly seed: string;
  readonly connections: string;
  readonly timeout: string;
  readonly patience: string;
  readonly spin?: boolean;
  readonly raiseLimits?: boolean;
  readonly verify?: boolean;
  readonly json?: string;
  readonly plot?: string;
  readonly title?: string;
}

/** As commander takes them; what is left out has the default that is named. */
export const USUAL = {
  rate: '100',
  for: '30s',
  times: '2',
  minute: '10s',
  sharesATrade: String(SHARES_A_TRADE),
  warmUp: '5s',
  step: '10s',
  errors: '0.1',
  refusals: '1',
  within: '5',
  most: '100000',
  arrivals: 'poisson',
  seed: '1',
  connections: '1000',
  timeout: '10s',
  patience: '1s',
} as const;

/** Of --p99. In a stress test generator, server and database share a machine, often with other work. */
export const P99_MS = { usual: '100', stress: '1000' } as const;

export interface Chosen {
  readonly course: Course;
  readonly bounds: Bounds;
  /** What is played, in words. */
  readonly says: string;
  readonly peak: Peak | undefined;
  readonly mix: Mix<OperationKind>;
  readonly orders: Mix<OrderKind>;
  readonly spacing: Spacing;
  readonly seed: number;
  readonly connectionsMax: number;
  readonly timeoutMs: number;
  readonly patienceMs: number;
}

/** @throws Fault ARGUMENT_INVALID */
export async function chosenBy(flags: LoadFlags): Promise<Chosen> {
  const mix = flags.mix === undefined ? USUAL_MIX : readMix(flags.mix, OPERATIONS);
  const bounds = {
    p99MsMax: numberFrom(
      flags.p99 ?? (flags.stress === true ? P99_MS.stress : P99_MS.usual),
      '--p99',
      0.1,
      600_000,
    ),
    failedPartMax: numberFrom(flags.errors, '--errors', 0, 100) / 100,
    refusedPartMax: numberFrom(flags.refusals, '--refusals', 0, 100) / 100,
  };
  const spacing = SPACINGS.find((one) => one === flags.arrivals);
  if (spacing === undefined) throw new Fault('ARGUMENT_INVALID', `--arrivals is ${SPACINGS.join(' or ')}`);
  return {
    ...(await courseBy(flags, mix, bounds)),
    bounds,
    mix,
    orders: flags.orders === undefined ? USUAL_ORDERS : readMix(flags.orders, ORDER_KINDS),
    spacing,
    seed: wholeFrom(flags.seed, '--seed', 0, 2 ** 52),
    connectionsMax: wholeFrom(flags.connections, '--connections', 1, 20_000),
    timeoutMs: 1000 * readDuration(flags.timeout),
    patienceMs: 1000 * readDuration(flags.patience),
  };
}

async function courseBy(
  flags: LoadFlags,
  mix: Mix<OperationKind>,
  bounds: Bounds,
): Promise<Pick<Chosen, 'course' | 'says' | 'peak'>> {
  const { ramp, find, peakOf: file, stress } = flags;
  const ways = [ramp !== undefined, find === true, file !== undefined || stress === true];
  if (ways.filter(Boolean).length > 1)
    throw new Fault('ARGUMENT_INVALID', 'one of --ramp, --find and --peak-of (or --stress) at a time');
  const warmUpSeconds = flags.warmUp === '0' ? 0 : readDuration(flags.warmUp);
  const warmUpAt = (rate: number) => (warmUpSeconds > 0 ? [warmUpOf(rate, warmUpSeconds)] : []);
  const rate = readRate(flags.rate ?? USUAL.rate);
  if (ramp !== undefined) {
    const steps = readRamp(ramp);
    const stages = [...warmUpAt(steps[0]?.rate ?? 0), ...steps];
    return {
      course: { kind: 'stages', stages },
      says: `a ramp of ${ramp} requests a second`,
      peak: undefined,
    };
  }
  if (find === true) {
    const most = numberFrom(flags.most, '--most', 1, RATE_MAX);
    const search = { from: rate, most, within: numberFrom(flags.within, '--within', 0.5, 50) / 100 };
    const course = { kind: 'find', search, bounds, stepSeconds: readDuration(flags.step) } as const;
    return { course, says: 'a search for the highest rate sustained', peak: undefined };
  }
  if (file !== undefined || stress === true) return peakBy(flags, file, mix);
  const stages = [...warmUpAt(rate), stageOf(rate, readDuration(flags.for))];
  return {
    course: { kind: 'stages', stages },
    says: `${rate} requests a second for ${flags.for}`,
    peak: undefined,
  };
}

async function peakBy(
  flags: LoadFlags,
  file: string | undefined,
  mix: Mix<OperationKind>,
): Promise<Pick<Chosen, 'course' | 'says' | 'peak'>> {
  const placedPart = partOf(mix, 'place');
  if (placedPart === 0) throw new Fault('ARGUMENT_INVALID', 'a recorded day is played with orders: place=N');
  const times = numberFrom(flags.times, '--times', 0.01, 10_000);
  const peak = peakOf(file === undefined ? USUAL_MINUTES : minutesIn(await textOf(file)), {
    times,
    minuteSeconds: readDuration(flags.minute),
    sharesATrade: numberFrom(flags.sharesATrade, '--shares-a-trade', 1, 1e9),
    placedPart,
  });
  const recorded = `${peak.tradesASecond.toFixed(0)} trades a second at ${peak.at}`;
  const says = `${times} times the recorded peak of ${recorded}: up to ${peak.requestsASecond.toFixed(0)} requests a second`;
  return { course: { kind: 'stages', stages: peak.stages }, says, peak };
}

export async function textOf(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: Error) => {
    throw new Fault('ARGUMENT_INVALID', error.message, { cause: error });
  });
}

function numberFrom(text: string, flag: string, least: number, most: number): number {
  const value = /^\d+(\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Fault('ARGUMENT_INVALID', `${flag} is a number from ${least} to ${most}: ${text}`);
}

function wholeFrom(text: string, flag: string, least: number, most: number): number {
  const value = numberFrom(text, flag, least, most);
  if (Number.isInteger(value)) return value;
  throw new Fault('ARGUMENT_INVALID', `${flag} is a whole number: ${text}`);
}
