/** Slows guessing down: after a few failures each further one doubles the wait, for this name from this address. */
import { BoundedMap } from '../cache/bounded-map.ts';
import { RetryLater } from './retry-later.ts';

/** Failures that cost no wait. */
const FREE_FAILURES = 5;
const FIRST_WAIT_MS = 1_000;
const WAIT_MAX_MS = 15 * 60_000;
/** Failures this long ago are forgotten. */
const MEMORY_MS = 60 * 60_000;
const REMEMBERED_MAX = 20_000;

interface Record {
  readonly failures: number;
  readonly lastMs: number;
}

export class LoginThrottle {
  readonly #records = new BoundedMap<string, Record>(REMEMBERED_MAX);
  readonly #now: () => number;

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Counts an attempt as failed until {@link forget} says otherwise, so that a hundred at once are a hundred.
   * @throws RetryLater LOGIN_THROTTLED
   */
  begin(username: string, address: string): void {
    const key = `${username}|${address}`;
    const now = this.#now();
    const known = this.#records.get(key);
    const record = known !== undefined && now - known.lastMs < MEMORY_MS ? known : { failures: 0, lastMs: 0 };
    const waitMs = record.lastMs + waitAfter(record.failures) - now;
    if (waitMs > 0) throw new RetryLater('LOGIN_THROTTLED', waitMs);
    this.#records.set(key, { failures: record.failures + 1, lastMs: now });
  }

  /** It was no failure: the password was right, or nobody could be asked. */
  forget(username: string, address: string): void {
    this.#records.delete(`${username}|${address}`);
  }
}

/** Milliseconds to wait after that many failures in a row. */
function waitAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(FIRST_WAIT_MS * 2 ** (failures - FREE_FAILURES), WAIT_MAX_MS);
}
