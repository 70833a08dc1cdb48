/** What every tally must do, held against each adapter. */
import { expect, test } from 'vitest';
import { type Tally, USED_MAX_MS } from './tally.ts';

/** Of the clock that runs while a test does, in milliseconds. */
const SLACK_MS = 2_000;

const expectNear = (actual: number | undefined, expected: number): void => {
  expect(actual).toBeLessThanOrEqual(expected + 1);
  expect(actual).toBeGreaterThan(expected - SLACK_MS);
};

export function tallyContract(open: () => Promise<Tally>): void {
  test('charges add up, each for itself', async () => {
    const tally = await open();
    const [ann, bob] = [crypto.randomUUID(), crypto.randomUUID()];
    const first = await tally.charge([
      { key: ann, addMs: 10_000, floorMs: 0 },
      { key: bob, addMs: 5_000, floorMs: 0 },
    ]);
    expectNear(first[0], 10_000);
    expectNear(first[1], 5_000);
    expectNear((await tally.charge([{ key: ann, addMs: 7_000.125, floorMs: 0 }]))[0], 17_000.125);
  });
  test('what a node knows counts where the tally knows less, and not where it knows more', async () => {
    const tally = await open();
    const key = crypto.randomUUID();
    expectNear((await tally.charge([{ key, addMs: 1_000, floorMs: 30_000 }]))[0], 31_000);
    expectNear((await tally.charge([{ key, addMs: 1_000, floorMs: 10_000 }]))[0], 32_000);
  });
  test('nobody is held to account for more than two minutes', async () => {
    const tally = await open();
    const key = crypto.randomUUID();
    expectNear((await tally.charge([{ key, addMs: 1e9, floorMs: 1e9 }]))[0], USED_MAX_MS);
  });
  test('a charge runs off', async () => {
    const tally = await open();
    const key = crypto.randomUUID();
    const used = async (addMs: number): Promise<number> =>
      (await tally.charge([{ key, addMs, floorMs: 0 }]))[0] ?? Number.NaN;
    await used(50);
    await expect.poll(() => used(0)).toBe(0);
  });
}
