/** The tempo of repeated work: at once after a rest, not too often, and always once more for what was asked last. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Tempo } from './tempo.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a flood of asking is worked off at the pace, and the last is not forgotten', async () => {
  let asked = 0;
  const seen: number[] = [];
  const tempo = new Tempo(
    async () => {
      seen.push(asked);
    },
    100,
    0,
  );
  await vi.advanceTimersByTimeAsync(1_000);
  for (let step = 0; step < 50; step++) {
    asked++;
    tempo.ask();
    await vi.advanceTimersByTimeAsync(10);
  }
  await vi.advanceTimersByTimeAsync(200);
  expect(seen[0]).toBe(1); // at once
  expect(seen.length).toBeLessThanOrEqual(7);
  expect(seen.at(-1)).toBe(50);
});

test('work that takes long rests in proportion', async () => {
  const begun: number[] = [];
  const tempo = new Tempo(
    async () => {
      begun.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, 50));
    },
    100,
    10,
  );
  tempo.ask();
  await vi.advanceTimersByTimeAsync(10);
  tempo.ask();
  await vi.advanceTimersByTimeAsync(1_000);
  expect((begun[1] ?? 0) - (begun[0] ?? 0)).toBe(550);
});

test('work that hung for long is done again within a second', async () => {
  const begun: number[] = [];
  const tempo = new Tempo(
    async () => {
      begun.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, 9_000)); // a database that did not answer for a while
    },
    100,
    10,
  );
  tempo.ask();
  await vi.advanceTimersByTimeAsync(10);
  tempo.ask();
  await vi.advanceTimersByTimeAsync(60_000);
  expect((begun[1] ?? 0) - (begun[0] ?? 0)).toBe(10_000);
});

test('what is asked for while work is under way is done after it', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let count = 0;
  const tempo = new Tempo(
    () => {
      count++;
      return promise;
    },
    1,
    0,
  );
  tempo.ask();
  tempo.ask();
  expect(count).toBe(1);
  resolve();
  await vi.advanceTimersByTimeAsync(10);
  expect(count).toBe(2);
});

test('once stopped it works no more', async () => {
  let count = 0;
  const tempo = new Tempo(
    async () => {
      count++;
    },
    100,
    0,
  );
  tempo.ask();
  await vi.advanceTimersByTimeAsync(1);
  tempo.ask();
  await tempo.stop();
  tempo.ask();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(count).toBe(1);
});
