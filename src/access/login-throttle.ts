/** Slows guessing down: after a few failures each further one doubles the wait, for this name from this address. */
import { BoundedMap } from '../cache/bounded-map.ts';
import { RetryLater } from './retry-later.ts';

/** Failures that cost no wait. */
export const FREE_FAILURES = 5;
export const FIRST_WAIT_MS = 1_000;
export const WAIT_MAX_MS = 15 * 60_000;
/** Failures this long ago are forgotten. */
export const MEMORY_MS = 60 * 60_000;
const REMEMBERED_MAX = 20_000;

/** What guards the logins. */
export interface Throttle {
  /**
   * Counts an attempt as failed until {@link forget} or {@link undo} says otherwise, so that a hundred at once are a hundred.
   * @throws RetryLater LOGIN_THROTTLED
   */
  begin(username: string, address: string): Promise<void>;
  /** The password was right: nothing is held against them any more. */
  forget(username: string, address: string): Promise<void>;
  /** Nobody could be asked: this attempt does not count, and those before it do. */
  undo(username: string, address: string): Promise<void>;
}

interface Record {
  readonly failures: number;
  readonly lastMs: number;
}
const NONE: Record = { failures: 0, lastMs: 0 };

/** Counts the failures that this process has seen. */
export class LoginThrottle implements Throttle {
  readonly #records = new BoundedMap<string, Record>(REMEMBERED_MAX);
  readonly #now: () => number;

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** @throws RetryLater LOGIN_THROTTLED; counts nothing */
  check(username: string, address: string): void {
    const { failures, lastMs } = this.#recordOf(username, address);
    const waitMs = lastMs + waitAfter(failures) - this.#now();
    if (waitMs > 0) throw new RetryLater('LOGIN_THROTTLED', waitMs);
  }

  async begin(username: string, address: string): Promise<void> {
    this.check(username, address);
    const { failures } = this.#recordOf(username, address);
    this.#records.set(keyOf(username, address), { failures: failures + 1, lastMs: this.#now() });
  }

  async forget(username: string, address: string): Promise<void> {
    this.#records.delete(keyOf(username, address));
  }

  async undo(username: string, address: string): Promise<void> {
    const { failures, lastMs } = this.#recordOf(username, address);
    if (failures > 0) this.#records.set(keyOf(username, address), { failures: failures - 1, lastMs });
  }

  #recordOf(username: string, address: string): Record {
    const known = this.#records.get(keyOf(username, address));
    return known !== undefined && this.#now() - known.lastMs < MEMORY_MS ? known : NONE;
  }
}

const keyOf = (username: string, address: string): string => `${username}|${address}`;

/** Milliseconds to wait after that many failures in a row. */
function waitAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(FIRST_WAIT_MS * 2 ** (failures - FREE_FAILURES), WAIT_MAX_MS);
}
