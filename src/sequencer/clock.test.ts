/** The system clock counts whole microseconds, never goes back, and stays with the machine's wall clock. */
import { expect, test, vi } from 'vitest';
import { SystemClock } from './clock.ts';

test('time is whole microseconds, never goes back, and is within a millisecond of the wall clock', () => {
  const clock = new SystemClock();
  let last = 0;
  for (let i = 0; i < 20_000; i++) {
    const before = Date.now() * 1000;
    const now = clock.now();
    const after = Date.now() * 1000 + 999;
    expect(Number.isSafeInteger(now) && now >= last && now >= before && now <= after).toBe(true);
    last = now;
  }
});

test('it stands still while a wall clock that was set back catches up, and jumps with one that was set forward', () => {
  const wall = vi.spyOn(Date, 'now').mockReturnValue(1_000_000);
  try {
    const clock = new SystemClock();
    const first = clock.now();
    wall.mockReturnValue(999_000);
    expect(clock.now()).toBe(first);
    expect(clock.now()).toBe(first);
    wall.mockReturnValue(1_000_500);
    expect(clock.now()).toBeGreaterThanOrEqual(1_000_500_000);
    wall.mockReturnValue(5_000_000);
    expect(clock.now()).toBeGreaterThanOrEqual(5_000_000_000);
    expect(clock.now()).toBeLessThan(5_000_001_000);
  } finally {
    wall.mockRestore();
  }
});
