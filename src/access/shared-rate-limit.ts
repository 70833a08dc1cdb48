/** One allowance for all nodes together: each decides at once by what it knows, and tells the others behind that. */
import type { Allowance } from './allowance.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Charge, Tally } from './tally.ts';

/** Keys in one exchange with the tally. */
const KEYS_AT_ONCE = 500;
/** Keys that may wait for the next one; more are bounded by this node alone. */
const WAITING_MAX = 10_000;

/**
 * A request is never kept waiting: this node's own count says yes or no. What it let in is charged to the tally, one
 * exchange at a time, and the tally's answer raises the own count to what all nodes have used. So together they let in
 * one allowance, and on top what reaches them while an exchange is under way; that is charged too, and so repaid.
 * Without the tally each node gives the allowance by itself.
 */
export class SharedRateLimit implements Allowance {
  readonly #own: RateLimit;
  readonly #tally: Tally;
  /** Requests let in and not charged yet. */
  #waiting = new Map<string, number>();
  #isCharging = false;

  constructor(own: RateLimit, tally: Tally) {
    this.#own = own;
    this.#tally = tally;
  }

  take(key: string): number {
    const waitMs = this.#own.take(key);
    if (waitMs > 0 || this.#own.intervalMs === 0 || !this.#tally.isUp) return waitMs;
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined || this.#waiting.size < WAITING_MAX) this.#waiting.set(key, (waiting ?? 0) + 1);
    if (!this.#isCharging) {
      this.#isCharging = true;
      setImmediate(() => void this.#chargeAll());
    }
    return 0;
  }

  async #chargeAll(): Promise<void> {
    while (this.#waiting.size > 0) {
      const charges = this.#nextCharges();
      try {
        const used = await this.#tally.charge(charges);
        for (const [index, { key }] of charges.entries()) this.#learn(key, used[index] ?? 0);
      } catch {
        // The own count holds them, and the next charge's floor tells the tally.
      }
    }
    this.#isCharging = false;
  }

  #nextCharges(): readonly Charge[] {
    const charges: Charge[] = [];
    for (const [key, requests] of this.#waiting) {
      if (charges.length === KEYS_AT_ONCE) break;
      this.#waiting.delete(key);
      const addMs = requests * this.#own.intervalMs;
      charges.push({ key, addMs, floorMs: Math.max(this.#own.usedMs(key) - addMs, 0) });
    }
    return charges;
  }

  /** What came since the charge was sent is on top. */
  #learn(key: string, usedMs: number): void {
    this.#own.raise(key, usedMs + (this.#waiting.get(key) ?? 0) * this.#own.intervalMs);
  }
}
