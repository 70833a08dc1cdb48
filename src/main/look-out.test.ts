/** Looks away from the order path: again and again, and nothing of an earlier look is kept. */
import { expect, onTestFinished, test } from 'vitest';
import { LookOut, look } from './look-out.ts';

/** No look of theirs breaks. */
const fail = (error: unknown): never => {
  throw error;
};

test('what is seen is shown at each look, and what cannot be seen is shown as unknown', async () => {
  let sight: number | Error = 1;
  const shown: (number | undefined)[] = [];
  const see = async (): Promise<number> => {
    if (sight instanceof Error) throw sight;
    return sight;
  };
  const lookOut = new LookOut([look(see, (seen) => shown.push(seen))], fail, 3);
  onTestFinished(() => lookOut.stop());
  lookOut.start();
  await expect.poll(() => shown.at(-1)).toBe(1);
  sight = new Error('away');
  await expect.poll(() => shown.at(-1)).toBe(undefined);
  sight = 2;
  await expect.poll(() => shown.at(-1)).toBe(2);
  lookOut.stop();
  await new Promise((resolve) => setTimeout(resolve, 10));
  const { length } = shown;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(shown).toHaveLength(length);
});

test('an answer that hangs counts as none, and keeps no other look from being shown', async () => {
  const shown: string[] = [];
  const hung = new Promise<string>(() => {});
  const hangs = look(
    () => hung,
    (seen) => shown.push(`hangs: ${seen}`),
    50,
  );
  const answers = look(
    async () => 'well',
    (seen) => shown.push(`answers: ${seen}`),
  );
  await Promise.all([hangs(), answers()]);
  expect(shown).toEqual(['answers: well', 'hangs: undefined']);
});

test('what cannot be shown is told, and neither stops the looks nor ends the process', async () => {
  const shown: number[] = [];
  const troubles: unknown[] = [];
  const bug = new Error('no such label');
  const breaks = look(
    async () => 1,
    () => {
      throw bug;
    },
  );
  const goes = look(
    async () => 1,
    () => shown.push(1),
  );
  const lookOut = new LookOut([breaks, goes], (error) => troubles.push(error), 3);
  onTestFinished(() => lookOut.stop());
  lookOut.start();
  await expect.poll(() => shown.length).toBeGreaterThan(2);
  expect(troubles.length).toBeGreaterThan(1);
  expect(new Set(troubles)).toEqual(new Set([bug]));
});
