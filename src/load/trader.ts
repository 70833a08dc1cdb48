/** A user who trades: a token that is kept young, and the orders of theirs that can be canceled or looked at. */
import type { Control, Credentials, Tokens } from './control.ts';

/** Orders remembered of each kind: the newest that can be looked at, the oldest that rest. */
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
  /** Orders that rest and were too many to remember. */
  forgotten = 0;
  /** Orders that were to rest, of which nobody said whether they were placed, or as what. */
  unheard = 0;

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

  /** The order rests at the venue, or may do so: it is to be canceled. */
  rests(orderId: string): void {
    if (this.mayRest) this.#working.push(orderId);
    else this.forgotten += 1;
  }

  /** Would one more that rests be remembered? */
  get mayRest(): boolean {
    return this.#working.length < REMEMBERED_MAX;
  }
  /** Orders that are remembered to be canceled. */
  get resting(): number {
    return this.#working.length;
  }

  /** The order exists: it can be looked at. */
  knows(orderId: string): void {
    this.#known[this.#knownAt++ % REMEMBERED_MAX] = orderId;
  }

  /** The oldest order to cancel, which is no longer remembered then: {@link rests} where the cancel comes to nothing. */
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
