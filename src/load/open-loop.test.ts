import { describe, expect, test } from 'vitest';
import { Random } from '../market-data/random.ts';
import { type Bounds, findHighest, shortcomingsOf } from './find.ts';
import { type LoopParts, OpenLoop } from './open-loop.ts';
import { Series } from './series.ts';
import { ReckonedClock, SimulatedDeployment, type SimulatedOptions } from './simulated.fixture.ts';
import { stageOf, warmUpOf } from './stages.ts';
import { type Tally, totalOf } from './tally.ts';
import type { Trader } from './trader.ts';

const request = {
  operation: { kind: 'positions' },
  trader: { token: '' } as Trader,
  number: 0,
  isResting: false,
} as const;

interface Given extends Partial<Omit<SimulatedOptions, 'clock'>> {
  readonly patienceMs?: number;
  readonly spacing?: 'constant' | 'poisson';
  readonly flow?: Partial<LoopParts['flow']>;
  readonly isSpinning?: boolean;
}

/** A turn of the event loop takes ten microseconds, and what `holdFor` says. */
class TurningClock extends ReckonedClock {
  holdFor = (): number => 0;
  override soon(wake: () => void): void {
    this.after(0.01 + this.holdFor(), wake);
  }
}

function given({
  patienceMs = 1_000,
  spacing = 'constant',
  flow: told,
  isSpinning = false,
  ...options
}: Given = {}) {
  const clock = isSpinning ? new TurningClock() : new ReckonedClock();
  const transport = new SimulatedDeployment({
    clock,
    workers: 1,
    serviceMs: 1,
    connectionsMax: 64,
    ...options,
  });
  const flow = { draw: () => 'positions' as const, next: () => request, heard: () => {}, ...told };
  const lags: number[] = [];
  const watch = {
    late: (ms: number) => void lags.push(ms),
    lap: () => ({ utilisation: 0, cores: 0, lagP99Ms: 0 }),
  };
  const series = new Series(0, () => {});
  const random = Random.fromSeed(3);
  const loop = new OpenLoop({
    transport,
    flow,
    clock,
    random,
    series,
    watch,
    spacing,
    patienceMs,
    isSpinning,
  });
  return { clock, loop, series, lags };
}

const only = (tallies: readonly Tally[]): Tally => {
  const [tally, ...more] = tallies;
  if (tally === undefined || more.length > 0) throw new Error(`${tallies.length} stages, and not one`);
  return tally;
};

test('every request that falls due is begun and answered, in its stage, and takes what it takes', async () => {
  const { clock, loop } = given({ serviceMs: 2 });
  const [slow, fast] = await clock.passUntil(loop.run([stageOf(100, 2), stageOf(200, 3)]));
  expect([slow?.due, slow?.begun, slow?.shed, slow?.byKind.good]).toEqual([200, 200, 0, 200]);
  expect([fast?.due, fast?.begun, fast?.shed, fast?.byKind.good]).toEqual([600, 600, 0, 600]);
  expect([slow?.seconds, fast?.seconds]).toEqual([2, 3]);
  expect(fast?.throughput).toBeCloseTo(200, -1);
  expect(slow?.service.quantileMs(0.99)).toBeCloseTo(2, 1);
  expect(slow?.latency.quantileMs(0.99)).toBeLessThan(4); // 2 ms, and at most a nap of 1 ms before
});

describe('a deployment that stands still for a second', () => {
  const stall = { stalls: [5_000, 6_000], connectionsMax: 10, patienceMs: 5_000 } as const;

  test('shows tails of a second: each request is timed from when it was due', async () => {
    const { clock, loop } = given({ ...stall });
    const tally = only(await clock.passUntil(loop.run([stageOf(100, 10)])));
    expect(tally.latency.maxMs).toBeGreaterThan(990);
    expect(tally.latency.maxMs).toBeLessThan(1_100);
    expect(tally.latency.quantileMs(0.99)).toBeGreaterThan(850); // a tenth of all fell due in that second
    expect(tally.latency.quantileMs(0.5)).toBeLessThan(5);
    expect(tally.byKind.good).toBe(1_000);
  });

  test('shows nothing of it to whoever times from sending: ten callers saw it, and the rest were not sent', async () => {
    const { clock, loop } = given({ ...stall });
    const tally = only(await clock.passUntil(loop.run([stageOf(100, 10)])));
    expect(tally.service.quantileMs(0.99)).toBeLessThan(120);
    const beyond = tally.service.buckets().filter(([upToMs]) => upToMs > 500);
    expect(beyond.reduce((sum, [, count]) => sum + count, 0)).toBeLessThanOrEqual(10);
  });

  test('and the same second of impatient callers: shed, counted, and in the percentiles with what they waited', async () => {
    const { clock, loop } = given({ ...stall, patienceMs: 200 });
    const tally = only(await clock.passUntil(loop.run([stageOf(100, 10)])));
    expect(tally.shed).toBeGreaterThan(50);
    expect(tally.begun + tally.shed).toBe(tally.due);
    expect(tally.due).toBe(1_000);
    expect(tally.latency.count).toBe(1_000);
    expect(tally.latency.quantileMs(0.95)).toBeGreaterThan(190);
  });
});

test('beyond capacity the throughput stays at it, and what has no room is shed: nothing is left out', async () => {
  const { clock, loop } = given({ serviceMs: 5, patienceMs: 500, connectionsMax: 20 }); // 200/s
  const tally = only(await clock.passUntil(loop.run([stageOf(500, 10)])));
  expect(tally.due).toBe(5_000);
  expect(tally.begun + tally.shed).toBe(5_000);
  expect(tally.throughput).toBeGreaterThan(190);
  expect(tally.throughput).toBeLessThan(202);
});

test('what is shed was drawn first: each kind of request has its sheds in its own row', async () => {
  let drawn = 0;
  const draw = () => (drawn++ % 4 === 0 ? ('get' as const) : ('place' as const));
  const next = (kind: string) =>
    ({ ...request, operation: { ...request.operation, kind } }) as typeof request;
  const { clock, loop } = given({ serviceMs: 5, patienceMs: 500, connectionsMax: 20, flow: { draw, next } });
  const tally = only(await clock.passUntil(loop.run([stageOf(500, 10)])));
  const [get, place] = [tally.byOperation.get('get'), tally.byOperation.get('place')];
  expect([drawn, (get?.shed ?? 0) + (place?.shed ?? 0)]).toEqual([5_000, tally.shed]);
  expect((get?.answered ?? 0) + (get?.shed ?? 0)).toBe(1_250);
  expect(get?.shed).toBeGreaterThan(500); // of what came due three in five are beyond capacity, whatever the kind
  expect(get?.latency.count).toBe(1_250);
});

test('a bug in what is done at a turn or an answer ends the run, and is its caller’s', async () => {
  const broken = () => {
    throw new TypeError('a bug');
  };
  for (const flow of [{ next: broken }, { heard: broken }]) {
    const { clock, loop } = given({ flow });
    await expect(clock.passUntil(loop.run([stageOf(100, 1)]))).rejects.toThrow('a bug');
  }
});

test('a loop that spins tells how late it begins what falls due: its lag is all that it can be judged by', async () => {
  const { clock, loop, lags } = given({ isSpinning: true });
  await clock.passUntil(loop.run([stageOf(1_000, 1)]));
  expect(lags.length).toBeGreaterThan(900);
  expect(Math.max(...lags)).toBeLessThan(0.05);

  const held = given({ isSpinning: true });
  if (!(held.clock instanceof TurningClock)) throw new Error('it does not turn');
  held.clock.holdFor = () => 20;
  await held.clock.passUntil(held.loop.run([stageOf(1_000, 1)]));
  expect(Math.max(...held.lags)).toBeGreaterThan(10);
});

test('warm-ups are played and do not count', async () => {
  const { clock, loop } = given();
  const tallies = await clock.passUntil(loop.run([warmUpOf(50, 2), stageOf(100, 1)]));
  expect(tallies.map(({ due }) => due)).toEqual([100, 100]);
  expect([totalOf(tallies).due, totalOf(tallies).seconds]).toEqual([100, 1]);
});

test('a stop sheds what is due, waits for what is under way, and tells how long it ran', async () => {
  const { clock, loop, series } = given({ serviceMs: 100, connectionsMax: 2 });
  clock.after(2_500, () => loop.stop());
  const tally = only(await clock.passUntil(loop.run([stageOf(50, 60), stageOf(50, 60)])));
  expect(tally.seconds).toBeCloseTo(2.5, 1);
  expect(tally.due).toBeGreaterThanOrEqual(125);
  expect(tally.begun).toBe(tally.byKind.good);
  expect(tally.begun + tally.shed).toBe(tally.due);
  expect(series.points.length).toBe(2);
});

test('outcomes are counted by kind and by word, and failures show in their part', async () => {
  const { clock, loop } = given({
    answer: (number) =>
      number % 10 === 0
        ? { kind: 'failed', outcome: '503 SEQUENCER_BUSY', orderId: undefined, clientOrderId: undefined }
        : { kind: 'good', outcome: '200', orderId: undefined, clientOrderId: undefined },
  });
  const tally = only(await clock.passUntil(loop.run([stageOf(100, 2)])));
  expect(Object.fromEntries(tally.outcomes)).toEqual({
    'positions 200': 180,
    'positions 503 SEQUENCER_BUSY': 20,
  });
  expect(tally.failedPart).toBe(0.1);
  expect(shortcomingsOf(tally, { p99MsMax: 100, failedPartMax: 0.01, refusedPartMax: 0.01 })).toEqual([
    '10.0 % failed',
    '90.0 % answered while it ran',
  ]);
});

describe('the highest rate sustained', () => {
  const bounds: Bounds = { p99MsMax: 50, failedPartMax: 0.001, refusedPartMax: 0.01 };

  test.each([
    ['one worker of 4 ms', { workers: 1, serviceMs: 4 }, 250],
    ['eight workers of 10 ms', { workers: 8, serviceMs: 10 }, 800],
    ['two workers of 1 ms', { workers: 2, serviceMs: 1 }, 2_000],
  ])('of %s is found within a tenth', async (_what, options, capacity) => {
    const { clock, loop } = given({ ...options, connectionsMax: 200 });
    const attempt = async (rate: number) => {
      const [, step] = await loop.run([warmUpOf(rate, 1), stageOf(rate, 5)]);
      return step !== undefined && shortcomingsOf(step, bounds).length === 0;
    };
    const { rate, trials } = await clock.passUntil(
      findHighest(attempt, { from: 100, most: 100_000, within: 0.05 }),
    );
    expect(rate).toBeLessThanOrEqual(1.01 * capacity);
    expect(rate).toBeGreaterThanOrEqual(0.9 * capacity);
    expect(trials.length).toBeLessThan(25);
  });

  test('a hiccup is no limit: what fails once and not again is sustained', async () => {
    let tries = 0;
    const { rate } = await findHighest(async (asked) => ++tries !== 2 && asked <= 1_000, {
      from: 100,
      most: 5_000,
      within: 0.05,
    });
    expect(rate).toBeGreaterThan(940);
    expect(rate).toBeLessThanOrEqual(1_000);
  });

  test('is none where even the least fails, no more than asked where all is well, and what is known when stopped', async () => {
    const search = { from: 64, most: 1_000, within: 0.05 };
    expect((await findHighest(async () => false, search)).rate).toBe(0);
    expect((await findHighest(async () => true, search)).rate).toBe(1_000);
    let tries = 0;
    expect((await findHighest(async () => (++tries > 2 ? undefined : true), search)).rate).toBe(128);
  });
});
