/** A user who trades: a token that is kept young, and the orders of theirs that can be canceled or looked at. */
import type { Control, Credentials, Tokens } from './control.ts';

/** Orders remembered of each kind. Older ones are forgotten: they stay where they are, and nobody asks for them. */
const REMEMBERED_MAX = 1_000;
/** A token is renewed when so much of its life is over. */
const RENEW_AT_PART = 0.7;
const RENEW_AGAIN_MS = 5_000;

export class Trader {
  readonly name: string;
  readonly #control: Control;
  readonly #credentials: Credentials;
  #tokens: Tokens;
  #renewal: NodeJS.Timeout | undefined;
  /** Oldest first. */
  readonly #working: string[] = [];
  readonly #known: string[] = [];
  #knownAt = 0;
  /** Times that a token could not be renewed. */
  renewalsFailed = 0;

  private constructor(control: Control, credentials: Credentials, tokens: Tokens) {
    this.name = credentials.name;
    this.#control = control;
    this.#credentials = credentials;
    this.#tokens = tokens;
    this.#planRenewal(1000 * RENEW_AT_PART * tokens.expiresInSeconds);
  }

  /** @throws Fault CREDENTIALS_INVALID, LOAD_TARGET_FAILED */
  static async logIn(control: Control, credentials: Credentials): Promise<Trader> {
    return new Trader(control, credentials, await control.logIn(credentials));
  }

  get token(): string {
    return this.#tokens.access;
  }

  leave(): void {
    clearTimeout(this.#renewal);
  }

  /** The order rests at the venue: it can be canceled. */
  rests(orderId: string): void {
    if (this.#working.length < REMEMBERED_MAX) this.#working.push(orderId);
  }

  /** The order exists: it can be looked at. */
  knows(orderId: string): void {
    this.#known[this.#knownAt++ % REMEMBERED_MAX] = orderId;
  }

  /** The oldest order to cancel, which is forgotten with this. */
  takeWorking(): string | undefined {
    return this.#working.shift();
  }

  /** The known order at `part` of them, 0 to 1. */
  knownAt(part: number): string | undefined {
    return this.#known[Math.floor(part * this.#known.length)];
  }

  #planRenewal(ms: number): void {
    this.#renewal = setTimeout(() => void this.#renew(), Math.min(ms, 2 ** 31 - 1));
    this.#renewal.unref();
  }

  /** By the refresh token; by name and password where there is none, or it is not taken any more. */
  async #renew(): Promise<void> {
    const { refresh } = this.#tokens;
    const logIn = (): Promise<Tokens> => this.#control.logIn(this.#credentials);
    const renewed = refresh === undefined ? logIn() : this.#control.refresh(refresh).catch(logIn);
    try {
      this.#tokens = await renewed;
      this.#planRenewal(1000 * RENEW_AT_PART * this.#tokens.expiresInSeconds);
    } catch {
      this.renewalsFailed += 1;
      this.#planRenewal(RENEW_AGAIN_MS);
    }
  }
}
