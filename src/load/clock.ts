/** The time the open loop lives by, so that tests can give it one of their own. */
export interface Clock {
  /** Milliseconds, never back. */
  now(): number;
  /** Calls `wake` in about `ms`. */
  after(ms: number, wake: () => void): void;
  /** Calls `wake` as soon as what waits now has been looked at. */
  soon(wake: () => void): void;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after: (ms, wake) => void setTimeout(wake, ms),
  soon: (wake) => void setImmediate(wake),
};
