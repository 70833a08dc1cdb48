import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Control } from './control.ts';
import { type Deployment, LIMITS, startDeployment } from './deployment.fixture.ts';
import { LimitsLift, whileLifted } from './limits.ts';

const RISK = { name: 'risk9', password: 'a password of its own' };
const RAISED = 90_000_000_000;

let deployment: Deployment;
beforeEach(async () => {
  deployment = await startDeployment();
});
afterEach(() => deployment.close());

const lift = () => LimitsLift.prepare(new Control([deployment.url]), RISK);
const volume = () => deployment.limits.max_daily_volume;

test('limits are raised, and are back as they were afterwards', async () => {
  const lifted = await lift();
  expect(deployment.limits).toEqual(LIMITS); // a look changes nothing
  await lifted.raise();
  expect(Object.values(deployment.limits)).toEqual([RAISED, RAISED, RAISED, RAISED]);
  expect(await lifted.putBack()).toEqual({ kind: 'back' });
  expect(deployment.limits).toEqual(LIMITS);
});

test('a limit that is higher still is not lowered', async () => {
  deployment.limits = { ...LIMITS, max_daily_volume: 2 * RAISED };
  const lifted = await lift();
  await lifted.raise();
  expect([volume(), deployment.limits.max_net_exposure]).toEqual([2 * RAISED, RAISED]);
  await lifted.putBack();
  expect(deployment.limits).toEqual({ ...LIMITS, max_daily_volume: 2 * RAISED });
});

describe('a change of which nothing was heard', () => {
  test('may have raised them: they are put back', async () => {
    const lifted = await lift();
    deployment.fates.unshift('lost');
    await expect(lifted.raise()).rejects.toMatchObject({ code: 'LOAD_TARGET_FAILED' });
    expect(volume()).toBe(RAISED);
    expect(await lifted.putBack()).toEqual({ kind: 'back' });
    expect(deployment.limits).toEqual(LIMITS);
  });
  test('may still come to pass: they are set to what they were, even where they look so', async () => {
    const lifted = await lift();
    deployment.fates.unshift('none');
    await expect(lifted.raise()).rejects.toMatchObject({ code: 'LOAD_TARGET_FAILED' });
    expect(await lifted.putBack()).toEqual({ kind: 'back' });
    expect(deployment.asked.filter(({ what }) => what === 'PUT risk/limits').length).toBe(2);
  });
  test('may have reached some of the shards: what lies in between is ours', async () => {
    const lifted = await lift();
    deployment.fates.unshift('none');
    await expect(lifted.raise()).rejects.toThrow();
    deployment.limits = { ...LIMITS, max_daily_volume: RAISED / 2 };
    expect(await lifted.putBack()).toEqual({ kind: 'back' });
    expect(deployment.limits).toEqual(LIMITS);
  });
});

test('limits that a risk manager set meanwhile stay, in doubt too', async () => {
  for (const fate of ['done', 'none'] as const) {
    deployment.limits = LIMITS;
    const lifted = await lift();
    deployment.fates.unshift(fate);
    await lifted.raise().catch(() => undefined);
    const theirs = { ...LIMITS, max_daily_volume: 0 };
    deployment.limits = theirs;
    expect(await lifted.putBack()).toEqual({ kind: 'changed', now: theirs });
    expect(deployment.limits).toEqual(theirs);
  }
});

test('putting back is tried again, and not for ever', async () => {
  const lifted = await lift();
  await lifted.raise();
  deployment.fates.splice(0, 1, 'refused', 'none', 'lost', 'done');
  expect(await lifted.putBack(1)).toEqual({ kind: 'back' });
  expect(deployment.limits).toEqual(LIMITS);

  await lifted.raise();
  deployment.fates.splice(0, deployment.fates.length, 'refused');
  const before = deployment.asked.length;
  expect(await lifted.putBack(1)).toEqual({ kind: 'stranded', why: expect.stringContaining('503') });
  expect(deployment.asked.slice(before).filter(({ what }) => what === 'PUT risk/limits').length).toBe(6);
});

describe('work while they are raised', () => {
  const hooksInto = (said: (string | undefined)[]) => ({
    tell: () => {},
    onRaised: (remedy: string | undefined) => void said.push(remedy),
  });

  test('meets them, is told of from before the change, and ends with them back, even where it fails', async () => {
    const said: (string | undefined)[] = [];
    const work = async () => {
      expect([volume(), said.length]).toEqual([RAISED, 1]);
      throw new Error('the load broke');
    };
    await expect(whileLifted(await lift(), hooksInto(said), [], work)).rejects.toThrow('the load broke');
    expect(said).toEqual([expect.stringContaining('"max_daily_volume":10000000'), undefined]);
    expect(said[0]).toContain(`curl --request PUT '${deployment.url.origin}/api/v1/risk/limits`);
    expect(deployment.limits).toEqual(LIMITS);
  });
  test('that leaves somebody else’s limits behind says so, and is no fault', async () => {
    const [said, leftovers]: [(string | undefined)[], string[]] = [[], []];
    const theirs = { ...LIMITS, max_net_exposure: 1 };
    await whileLifted(await lift(), hooksInto(said), leftovers, async () => {
      deployment.limits = theirs;
    });
    expect([said.at(-1), deployment.limits]).toEqual([undefined, theirs]);
    expect(leftovers).toEqual([expect.stringContaining('stay as they are')]);
  });
  test('needs no lift', async () => {
    expect(await whileLifted(undefined, hooksInto([]), [], async () => 7)).toBe(7);
    expect(deployment.asked).toEqual([]);
  });
});
