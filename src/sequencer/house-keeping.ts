/** What the platform does of its own accord and on time: how it signs, how it waits, how it takes a fault. */
import { uuidv7 } from 'uuidv7';
import type { CorrelationId, UserId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Attribution } from '../journal/entry.ts';

/** The platform's own hand, which needs a reason as everyone does. */
export const bySystem = (reason: string): Attribution => ({
  user: 'system' as UserId,
  origin: 'system',
  correlationId: uuidv7() as CorrelationId,
  reason,
});

/** Calls back once, after a while. Returns how to call it off. */
export type Timer = (callback: () => void, delayMs: number) => () => void;

export const systemTimer: Timer = (callback, delayMs) => {
  const timeout = setTimeout(callback, delayMs);
  return () => clearTimeout(timeout);
};

/**
 * Does `work` again and again, never twice at once. `work` returns in how many milliseconds it is due next.
 * A fault that may pass is tried again after `retryMs`; anything else surfaces as an unhandled rejection, which
 * ends the process.
 */
export class Repeating {
  readonly #work: () => Promise<number>;
  readonly #timer: Timer;
  readonly #retryMs: number;
  #callOff: (() => void) | undefined;
  #isOn = false;

  constructor(work: () => Promise<number>, timer: Timer, retryMs: number) {
    this.#work = work;
    this.#timer = timer;
    this.#retryMs = retryMs;
  }

  /** Resolves when the work was done once, or a passing fault put it off. */
  async start(): Promise<void> {
    this.#isOn = true;
    await this.#do();
  }

  stop(): void {
    this.#isOn = false;
    this.#callOff?.();
  }

  async #do(): Promise<void> {
    let dueMs = this.#retryMs;
    try {
      dueMs = await this.#work();
    } catch (error) {
      if (!(error instanceof Fault && error.mayRetry)) throw error;
    }
    if (this.#isOn) this.#callOff = this.#timer(() => void this.#do(), dueMs);
  }
}
