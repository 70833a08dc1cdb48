/** An allowance counted in this process: a minute's worth at once, refilled evenly. */
import { BoundedMap } from '../cache/bounded-map.ts';
import type { Allowance } from './allowance.ts';

const MINUTE_MS = 60_000;
const REMEMBERED_MAX = 100_000;

/** The generic cell rate algorithm: one number for each key, no timers, no sweep. */
export class RateLimit implements Allowance {
  /** What one request uses up; 0: there is no limit. */
  readonly intervalMs: number;
  readonly #toleranceMs: number;
  /** When each key's next request would be due, at the even rate. */
  readonly #dueMs = new BoundedMap<string, number>(REMEMBERED_MAX);
  readonly #now: () => number;

  /** `perMinute` 0: no limit. `now`: milliseconds on any clock that never runs backwards. */
  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.intervalMs = perMinute > 0 ? MINUTE_MS / perMinute : 0;
    this.#toleranceMs = MINUTE_MS - this.intervalMs;
    this.#now = now;
  }

  take(key: string): number {
    if (this.intervalMs === 0) return 0;
    const now = this.#now();
    const due = Math.max(this.#dueMs.get(key) ?? now, now);
    const waitMs = due - now - this.#toleranceMs;
    if (waitMs > 0) return waitMs;
    this.#dueMs.set(key, due + this.intervalMs);
    return 0;
  }

  /** How far ahead of now the key's next request would be due, in milliseconds: what it has used up. */
  usedMs(key: string): number {
    const now = this.#now();
    return Math.max((this.#dueMs.get(key) ?? now) - now, 0);
  }

  /** Others have used of it too: at least `usedMs` are used up. */
  raise(key: string, usedMs: number): void {
    const due = this.#now() + usedMs;
    if (due > (this.#dueMs.get(key) ?? 0)) this.#dueMs.set(key, due);
  }
}
