/** A load from its begin to its end: traders log in, requests fall due, and what is left behind is put away. */
import { randomBytes } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { Random } from '../market-data/random.ts';
import type { Spacing } from './arrivals.ts';
import { SYSTEM_CLOCK } from './clock.ts';
import { Control, type Credentials } from './control.ts';
import { type Bounds, findHighest, type Search, shortcomingsOf, type Trial } from './find.ts';
import { Flow } from './flow.ts';
import { Ledger } from './ledger.ts';
import { cancelWorking, leftBy } from './leftovers.ts';
import { type LiftHooks, LimitsLift, whileLifted } from './limits.ts';
import { Market } from './market.ts';
import type { Mix, OperationKind, OrderKind } from './mix.ts';
import { OpenLoop } from './open-loop.ts';
import { SelfWatch } from './self-watch.ts';
import { type Point, Series } from './series.ts';
import { type Stage, secondsOf, stageOf, warmUpOf } from './stages.ts';
import type { Tally } from './tally.ts';
import { Trader } from './trader.ts';
import type { Transport } from './transport.ts';
import { type Verified, verify } from './verify.ts';

export interface LoadPlan {
  readonly urls: readonly URL[];
  /** Where the names in them lead to; undefined: wherever they do. */
  readonly lookup: LookupFunction | undefined;
  readonly traders: readonly Credentials[];
  /** Raises the limits for the time of the load; undefined: they stay. */
  readonly riskManager: Credentials | undefined;
  readonly mix: Mix<OperationKind>;
  readonly orders: Mix<OrderKind>;
  readonly spacing: Spacing;
  readonly seed: number;
  readonly patienceMs: number;
  readonly isSpinning: boolean;
  readonly isVerifying: boolean;
  readonly course: Course;
}

/** What is played: stages known beforehand, or a search. */
export type Course =
  | { readonly kind: 'stages'; readonly stages: readonly Stage[] }
  | { readonly kind: 'find'; readonly search: Search; readonly bounds: Bounds; readonly stepSeconds: number };

/** `tell` says what is going on besides the load itself. */
export interface LoadHooks extends LiftHooks {
  readonly onPoint: (point: Point) => void;
  /** A step of a search is over; nothing in `shortcomings`: its rate is sustained. */
  readonly onTrial: (rate: number, shortcomings: readonly string[]) => void;
  /** Ends the load: what is due is shed, what is under way is waited for. */
  readonly signal: AbortSignal;
}

export interface LoadResult {
  readonly run: string;
  readonly startedAt: Date;
  readonly tallies: readonly Tally[];
  readonly series: readonly Point[];
  readonly acknowledged: number;
  readonly troubles: ReadonlyMap<string, number>;
  readonly highest: { readonly rate: number; readonly trials: readonly Trial[] } | undefined;
  readonly verified: Verified | undefined;
  /** What went wrong beside the requests, in words: what could not be put away, or renewed. */
  readonly leftovers: readonly string[];
}

const QUOTES_EVERY_MS = 5_000;
/** Each step of a search runs in for this part of its time before it counts. */
const WARM_UP_PART = 0.25;
/** Between a step that was too much and the next one. */
const SETTLING_RATE = 50;
const SETTLING_S_MAX = 60;

/** @throws Fault CREDENTIALS_INVALID, PERMISSION_DENIED, LOAD_TARGET_FAILED: it cannot begin */
export async function runLoad(plan: LoadPlan, transport: Transport, hooks: LoadHooks): Promise<LoadResult> {
  const control = new Control(plan.urls, plan.lookup);
  const startedAt = new Date();
  const traders = await Promise.all(plan.traders.map((each) => Trader.logIn(control, each)));
  const market = new Market();
  const learn = async (): Promise<void> => market.learn(await control.quotes(traders[0]?.token ?? ''));
  await learn();
  const refresh = setInterval(() => void learn().catch(() => undefined), QUOTES_EVERY_MS); // what is known stays known
  const run = `load-${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`;
  const ledger = new Ledger();
  const leftovers: string[] = [];
  try {
    const { riskManager } = plan;
    const lift = riskManager === undefined ? undefined : await LimitsLift.prepare(control, riskManager);
    const played = await whileLifted(lift, hooks, leftovers, async () => {
      const done = await play(plan, transport, hooks, { traders, market, ledger, run });
      clearInterval(refresh);
      leftovers.push(...(await cancelWorking(traders, transport, hooks.tell)));
      return done;
    });
    leftovers.push(...leftBy(traders));
    const verifying = { ledger, traders, transport, control, run, since: startedAt, ...hooks };
    const verified = plan.isVerifying && !hooks.signal.aborted ? await verify(verifying) : undefined;
    const { troubles } = transport;
    return { run, startedAt, ...played, acknowledged: ledger.count, troubles, verified, leftovers };
  } finally {
    clearInterval(refresh);
    for (const trader of traders) trader.leave();
  }
}

type Played = Pick<LoadResult, 'tallies' | 'series' | 'highest'>;
type Floor = Pick<ConstructorParameters<typeof Flow>[0], 'traders' | 'market' | 'ledger' | 'run'>;

async function play(plan: LoadPlan, transport: Transport, hooks: LoadHooks, floor: Floor): Promise<Played> {
  const { course, spacing, patienceMs, isSpinning, seed } = plan;
  const series = new Series(course.kind === 'stages' ? secondsOf(course.stages) : 0, hooks.onPoint);
  const loop = new OpenLoop({
    transport,
    flow: new Flow({ ...plan, ...floor, random: Random.fromSeed(seed) }),
    clock: SYSTEM_CLOCK,
    random: Random.fromSeed(seed + 1),
    series,
    watch: new SelfWatch(),
    spacing,
    patienceMs,
    isSpinning,
  });
  const stop = (): void => loop.stop();
  hooks.signal.addEventListener('abort', stop);
  try {
    if (hooks.signal.aborted) stop();
    const tallies: Tally[] = [];
    if (course.kind === 'stages') {
      tallies.push(...(await loop.run(course.stages)));
      return { tallies, series: series.points, highest: undefined };
    }
    const highest = await search(loop, course, hooks, tallies);
    return { tallies, series: series.points, highest };
  } finally {
    hooks.signal.removeEventListener('abort', stop);
  }
}

async function search(
  loop: OpenLoop,
  { search: wanted, bounds, stepSeconds }: Extract<Course, { kind: 'find' }>,
  { onTrial }: LoadHooks,
  tallies: Tally[],
): Promise<{ rate: number; trials: Trial[] }> {
  const attempt = async (rate: number): Promise<boolean | undefined> => {
    if (loop.isStopped) return undefined;
    const found = await loop.run([warmUpOf(rate, WARM_UP_PART * stepSeconds), stageOf(rate, stepSeconds)]);
    tallies.push(...found);
    const step = found.find(({ stage }) => !stage.isWarmUp);
    if (step === undefined || loop.isStopped) return undefined;
    const shortcomings = shortcomingsOf(step, bounds);
    onTrial(rate, shortcomings);
    if (shortcomings.length > 0) await settle(loop, bounds);
    return shortcomings.length === 0;
  };
  return await findHighest(attempt, wanted);
}

/** Waits until the deployment answers a little as it should: what was too much for it may still be under way inside. */
async function settle(loop: OpenLoop, bounds: Bounds): Promise<void> {
  for (let i = 0; i < SETTLING_S_MAX && !loop.isStopped; i++) {
    const [tally] = await loop.run([warmUpOf(SETTLING_RATE, 1)]);
    if (tally === undefined || isAtRest(tally, bounds)) return;
  }
}

const isAtRest = ({ latency, shed, failedPart }: Tally, { p99MsMax, failedPartMax }: Bounds): boolean =>
  shed === 0 && failedPart <= failedPartMax && latency.quantileMs(0.99) <= p99MsMax;
