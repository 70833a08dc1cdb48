/** Passwords as Argon2id hashes. Each takes 19 MiB and tens of milliseconds, so only a few run at once. */
import { hash, verify } from '@node-rs/argon2';
import { RetryLater } from './retry-later.ts';

/** OWASP's Argon2id costs: memory in KiB, passes, lanes. */
const COSTS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Hashes under way at once. */
const RUNNING_MAX = 2;
/** Callers that may wait for their turn; more are sent away. */
const WAITING_MAX = 64;

export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** What a password is held against where there is no user: a wrong name takes as long as a wrong password. */
  #dummy: Promise<string> | undefined;

  /** @throws RetryLater RATE_LIMITED: too many are waiting */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, COSTS));
  }

  /**
   * Is it the password of `passwordHash`? Without a hash: false, after the same time.
   * @throws RetryLater RATE_LIMITED: too many are waiting
   */
  async verify(passwordHash: string | undefined, password: string): Promise<boolean> {
    this.#dummy ??= hash(crypto.randomUUID(), COSTS);
    const held = passwordHash ?? (await this.#dummy);
    const isRight = await this.#inTurn(() => verify(held, password));
    return isRight && passwordHash !== undefined;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= RUNNING_MAX) {
      if (this.#waiting.length >= WAITING_MAX) throw new RetryLater('RATE_LIMITED', 1_000);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next(); // takes this place over
    }
  }
}
