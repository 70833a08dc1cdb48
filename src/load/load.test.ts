import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Deployment, LIMITS, startDeployment } from './deployment.fixture.ts';
import { type LoadPlan, runLoad } from './load.ts';
import { stageOf } from './stages.ts';
import { HttpTransport } from './transport-http.ts';

let deployment: Deployment;
beforeEach(async () => {
  deployment = await startDeployment();
});
afterEach(() => deployment.close());

const planOf = (more: Partial<LoadPlan> = {}): LoadPlan => ({
  urls: [deployment.url],
  lookup: undefined,
  traders: [{ name: 'trader9', password: 'a password of its own' }],
  riskManager: { name: 'risk9', password: 'a password of its own' },
  mix: { place: 80, cancel: 20 },
  orders: { limit: 1 },
  spacing: 'constant',
  seed: 1,
  patienceMs: 10_000,
  isSpinning: false,
  isVerifying: true,
  course: { kind: 'stages', stages: [stageOf(100, 0.5)] },
  ...more,
});

async function run(plan: LoadPlan) {
  const transport = new HttpTransport({ urls: plan.urls, connectionsMax: 8, timeoutMs: 10_000 });
  const raised: boolean[] = [];
  const hooks = {
    tell: () => {},
    onRaised: (remedy: string | undefined) => void raised.push(remedy !== undefined),
    onPoint: () => {},
    onTrial: () => {},
    signal: new AbortController().signal,
  };
  try {
    return { raised, result: await runLoad(plan, transport, hooks) };
  } finally {
    transport.close();
  }
}

test('orders and their cancels meet raised limits, and the verification those that were there before', async () => {
  const { raised, result } = await run(planOf());
  const metBy = (pattern: RegExp): Set<number> =>
    new Set(deployment.asked.filter(({ what }) => pattern.test(what)).map(({ volume }) => volume));
  expect(metBy(/^POST orders$/)).toEqual(new Set([90_000_000_000]));
  expect(metBy(/^DELETE orders/)).toEqual(new Set([90_000_000_000]));
  expect(metBy(/^GET orders$/)).toEqual(new Set([LIMITS.max_daily_volume])); // the lists: only verifying reads them
  expect(result.verified).toMatchObject({ isSound: true, held: result.acknowledged });
  expect([deployment.limits, raised, result.leftovers]).toEqual([LIMITS, [true, false], []]);
});

test('without a risk manager nobody touches the limits', async () => {
  const { raised } = await run(planOf({ riskManager: undefined }));
  expect(deployment.asked.filter(({ what }) => what.includes('limits'))).toEqual([]);
  expect(raised).toEqual([]);
});

describe('orders that rest', () => {
  const resting = { mix: { cancel: 1 }, isVerifying: false } as const; // an order, its cancel, the next order
  test('are canceled in the end, whatever became of their first cancels', async () => {
    deployment.cancels.push(...Array.from({ length: 25 }, (_, i) => (i % 2 === 0 ? 503 : 429)));
    const { result } = await run(planOf(resting));
    expect(result.acknowledged).toBeGreaterThan(5);
    expect([deployment.working.size, result.leftovers]).toEqual([0, []]);
  });
  test('are told where nobody cancels them', async () => {
    deployment.cancels.push(...Array.from({ length: 5_000 }, () => 503));
    const { result } = await run(planOf(resting));
    expect(deployment.working.size).toBeGreaterThan(0);
    const told = `${deployment.working.size} resting orders could not be canceled (503 SEQUENCER_BUSY)`;
    const remedy = 'GET /api/v1/orders?status=EXECUTING lists them to their trader and to an admin';
    expect(result.leftovers).toEqual([`${told}: ${remedy}`]);
  });
});

test('a load that breaks puts them back', async () => {
  await expect(run(planOf({ mix: {} }))).rejects.toThrow('a mix has something in it');
  expect(deployment.asked.filter(({ what }) => what === 'PUT risk/limits').length).toBe(2);
  expect(deployment.limits).toEqual(LIMITS);
});
