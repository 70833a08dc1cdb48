/**
 * The circuit breaker before a venue: after so many failures in a row nobody calls it for a while, then one
 * tries.
 */
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import type { Micros } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';

export interface BreakerStatus {
  readonly status: 'closed' | 'open' | 'half_open';
  /** In a row, up to now. */
  readonly failures: number;
  /** Undefined where calls are let through. */
  readonly openUntil: Micros | undefined;
}

export interface BreakerOptions {
  /** So many failures in a row open it. */
  readonly failuresMax: number;
  /** How long it stays open before one call is let through, in milliseconds. */
  readonly openMs: number;
}

/** The venue did not do its part: it could not be reached, or it did not answer. */
export const isVenueFailure = (error: unknown): error is Fault =>
  error instanceof Fault && (error.code === 'VENUE_UNREACHABLE' || error.code === 'VENUE_NO_ANSWER');

export class Breaker {
  readonly #count: ConsecutiveBreaker;
  readonly #policy: CircuitBreakerPolicy;
  /** Milliseconds since 1970. */
  #openUntil = 0;

  constructor({ failuresMax, openMs }: BreakerOptions) {
    this.#count = new ConsecutiveBreaker(failuresMax);
    this.#policy = circuitBreaker(handleWhen(isVenueFailure), {
      breaker: this.#count,
      halfOpenAfter: openMs,
    });
    this.#policy.onBreak(() => {
      this.#openUntil = Date.now() + openMs;
    });
  }

  get status(): BreakerStatus {
    const failures = this.#count.state;
    switch (this.#policy.state) {
      case CircuitState.Closed:
        return { status: 'closed', failures, openUntil: undefined };
      case CircuitState.HalfOpen:
        return { status: 'half_open', failures, openUntil: undefined };
      default:
        // The time is up, and the next call will be the one that tries: it is half open in all but name.
        if (Date.now() >= this.#openUntil) return { status: 'half_open', failures, openUntil: undefined };
        return { status: 'open', failures, openUntil: (this.#openUntil * 1000) as Micros };
    }
  }

  /**
   * Calls, unless open. While one call tries, the others wait for what becomes of it.
   * @throws Fault VENUE_BREAKER_OPEN: nothing was called
   */
  async call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#policy.execute(work);
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw new Fault('VENUE_BREAKER_OPEN', undefined, { cause: error });
    }
  }
}
