/**
 * One venue made dependable: a time limit on each call, retries where they are safe, and no doubt left
 * unresolved.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { VenueReport } from '../core/commands.ts';
import type { OrderId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { Breaker, type BreakerOptions, type BreakerStatus, isVenueFailure } from './breaker.ts';
import { Deadlines } from './deadlines.ts';
import { Gate } from './gate.ts';
import type { Venue, VenueHistory, VenueOrder } from './venue.ts';

export interface LinkOptions {
  /** Calls under way at a time; the others wait, cancels and questions before orders. */
  readonly inFlightMax: number;
  /** How long a call may take before nobody knows what became of it, in milliseconds. */
  readonly timeoutMs: number;
  /** Milliseconds to wait before each further attempt: two waits are three attempts. */
  readonly backoffMs: readonly number[];
  /** Milliseconds before a question is asked again: the first wait, doubled each time up to the last. */
  readonly inquiryBackoffMs: { readonly first: number; readonly last: number };
  readonly breaker: BreakerOptions;
}

/** The v1 defaults: 3 attempts after 1 s and 2 s, the breaker opens after 5 failures in a row for 60 s. */
export const LINK_DEFAULTS: LinkOptions = {
  inFlightMax: 256,
  timeoutMs: 5_000,
  backoffMs: [1_000, 2_000],
  inquiryBackoffMs: { first: 500, last: 30_000 },
  breaker: { failuresMax: 5, openMs: 60_000 },
};

/** The order is not to be sent after all: thrown in its last moment in the house, past breaker and gate. */
class NotWanted extends Error {}

/** Thrown in the same moment: the order is sent once `proof` has come, and is waited for where it is in nobody's way. */
class NotProved extends Error {
  readonly proof: Promise<void>;

  constructor(proof: Promise<void>) {
    super();
    this.proof = proof;
  }
}

/** Thrown at whoever waits when the link closes: what is left open is for the next start to reconcile. */
export class LinkClosed extends Error {
  override readonly name = 'LinkClosed';
}

/**
 * Asked of orders alone. A cancel, or a question, does no harm in any hand: what is to be canceled is committed, and a
 * successor would cancel it too.
 */
type Proof = () => Promise<void> | undefined;
const NO_PROOF: Proof = () => undefined;

const CANCELED: readonly VenueReport[] = [{ kind: 'canceled' }];
const UNKNOWN_THERE = 'the venue did not answer and, asked later, does not know the order';

const isCanceled = (reports: readonly VenueReport[]): boolean =>
  reports.some(({ kind }) => kind === 'canceled');

export class VenueLink {
  readonly #venue: Venue;
  readonly #options: LinkOptions;
  readonly #onAnswer: (seconds: number) => void;
  readonly #gate: Gate;
  readonly #deadlines: Deadlines;
  readonly #breaker: Breaker;
  readonly #closing = new AbortController();
  #attempts = 0;
  #retries = 0;
  #inDoubt = 0;
  #undelivered = 0;

  /** `onAnswer` hears how long each request took that the venue answered, in seconds. */
  constructor(
    venue: Venue,
    options: Partial<LinkOptions> = {},
    onAnswer: (seconds: number) => void = () => {},
  ) {
    this.#venue = venue;
    this.#onAnswer = onAnswer;
    this.#options = { ...LINK_DEFAULTS, ...options };
    this.#gate = new Gate(this.#options.inFlightMax);
    this.#deadlines = new Deadlines(this.#options.timeoutMs);
    this.#breaker = new Breaker(this.#options.breaker);
  }

  get breaker(): BreakerStatus {
    return this.#breaker.status;
  }
  /** Calls at the venue now. */
  get inFlight(): number {
    return this.#gate.inside;
  }
  /** Calls that wait for others to end. */
  get waiting(): number {
    return this.#gate.waiting;
  }
  /** Orders and cancels sent so far, each time counted. */
  get attempts(): number {
    return this.#attempts;
  }
  /** Those of them that were not the first. */
  get retries(): number {
    return this.#retries;
  }
  /** Orders and cancels of which nobody knows, now, whether the venue has them. */
  get inDoubt(): number {
    return this.#inDoubt;
  }
  /** Orders given up so far because the venue never saw them. */
  get undelivered(): number {
    return this.#undelivered;
  }

  /**
   * Brings `order` to the venue, and resolves once it is settled what became of it: the venue's reports, or
   * `undelivered` when it verifiably never saw the order in as many attempts as there are, or `canceled` when
   * `isWanted` says, right before an attempt, that there is to be none: nothing of the order works anywhere.
   * `prove` says before each whether the order is still ours to send: undefined, or a wait after which it is asked again.
   * @throws LinkClosed, and whatever `prove` rejects with
   */
  async place(
    order: VenueOrder,
    isWanted = (): boolean => true,
    prove: Proof = NO_PROOF,
  ): Promise<readonly VenueReport[]> {
    for (let attempt = 0; ; attempt += 1) {
      const failure = await this.#tryToPlace(order, isWanted, prove);
      if (!(failure instanceof Fault)) return failure;
      let why = failure.message;
      if (failure.code === 'VENUE_NO_ANSWER') {
        // It may have the order: a rejection now could be a lie, a second order a double. Its own word
        // decides.
        const known = await this.#resolve(order.orderId);
        if (known !== undefined) return known.reports;
        why = UNKNOWN_THERE;
      }
      const mayRetry = await this.#mayRetry(attempt, isWanted);
      if (!isWanted()) return CANCELED;
      if (mayRetry) continue;
      this.#undelivered += 1;
      return [{ kind: 'undelivered', why }];
    }
  }

  /**
   * Cancels the order, and resolves once it is settled what became of that: `canceled`, or all that the venue
   * has to say of the order and, last, `cancelRejected`. What the venue does not know is canceled: nothing
   * works there.
   * @throws LinkClosed
   */
  async cancel(orderId: OrderId): Promise<readonly VenueReport[]> {
    for (let attempt = 0; ; attempt += 1) {
      this.#attempts += 1;
      const answer = await this.#outcome(() =>
        this.#call(true, (signal) => this.#venue.cancel(orderId, signal)),
      );
      if (!(answer instanceof Fault)) {
        if (isCanceled(answer)) return answer;
        // Refused, perhaps because of a fill that is yet to be heard of: ask what the order came to.
        const known = await this.history(orderId);
        return known === undefined ? CANCELED : [...known.reports, ...answer];
      }
      if (answer.code === 'VENUE_NO_ANSWER') {
        const known = await this.#resolve(orderId);
        if (known === undefined) return CANCELED;
        if (isCanceled(known.reports)) return known.reports;
      }
      if (await this.#mayRetry(attempt)) continue;
      return [{ kind: 'cancelRejected', why: answer.message }];
    }
  }

  /**
   * What the venue knows of the order: asked until it answers, whatever the breaker says. @throws LinkClosed
   */
  async history(orderId: OrderId): Promise<VenueHistory | undefined> {
    const { first, last } = this.#options.inquiryBackoffMs;
    for (let waitMs = first; ; waitMs = Math.min(waitMs * 2, last)) {
      const answer = await this.#outcome(() =>
        this.#call(true, (signal) => this.#venue.history(orderId, signal)),
      );
      if (!(answer instanceof Fault)) return answer;
      await this.#wait(waitMs);
    }
  }

  /** Ends all waiting with LinkClosed. Calls under way come to their end. */
  close(): void {
    this.#closing.abort();
  }

  async #resolve(orderId: OrderId): Promise<VenueHistory | undefined> {
    this.#inDoubt += 1;
    try {
      return await this.history(orderId);
    } finally {
      this.#inDoubt -= 1;
    }
  }

  /** Waits before attempt number `attempt + 1`; false where there is none, or none is wanted by then. */
  async #mayRetry(attempt: number, isWanted = (): boolean => true): Promise<boolean> {
    const waitMs = this.#options.backoffMs[attempt];
    if (waitMs === undefined) return false;
    await this.#wait(waitMs);
    if (!isWanted()) return false;
    this.#retries += 1;
    return true;
  }

  async #wait(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: this.#closing.signal });
    } catch {
      throw new LinkClosed();
    }
  }

  /** @throws LinkClosed, and whatever `wait` rejects with */
  async #unlessClosed(wait: Promise<void>): Promise<void> {
    const { signal } = this.#closing;
    await new Promise<void>((resolve, reject) => {
      const end = (): void => reject(new LinkClosed());
      if (signal.aborted) end();
      signal.addEventListener('abort', end);
      wait.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
    });
  }

  /** One attempt. Only orders heed the breaker: a cancel or a question must get through as soon as it can. */
  async #tryToPlace(
    order: VenueOrder,
    isWanted: () => boolean,
    prove: Proof,
  ): Promise<readonly VenueReport[] | Fault> {
    if (!isWanted()) return CANCELED;
    const ask = async (signal: AbortSignal): Promise<readonly VenueReport[]> => {
      if (!isWanted()) throw new NotWanted(); // it waited at the breaker or the gate, and was called off there
      const proof = prove();
      if (proof !== undefined) throw new NotProved(proof);
      return this.#venue.place(order, signal);
    };
    this.#attempts += 1;
    for (;;) {
      try {
        return await this.#outcome(() => this.#breaker.call(() => this.#call(false, ask)));
      } catch (error) {
        if (error instanceof NotWanted) return CANCELED;
        if (!(error instanceof NotProved)) throw error;
        await this.#unlessClosed(error.proof);
      }
    }
  }

  /** The answer, or how the venue failed. Other errors are bugs and go up. */
  async #outcome<T>(work: () => Promise<T>): Promise<T | Fault> {
    try {
      return await work();
    } catch (error) {
      const isFailure =
        isVenueFailure(error) || (error instanceof Fault && error.code === 'VENUE_BREAKER_OPEN');
      if (isFailure) return error;
      throw error;
    }
  }

  #call<T>(isUrgent: boolean, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#gate.pass(isUrgent, async () => {
      if (this.#closing.signal.aborted) throw new LinkClosed();
      return this.#inTime(ask);
    });
  }

  /** Asks, and gives up when the time is up whether the venue heeds the signal or not. */
  #inTime<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const sentMs = performance.now();
    return new Promise<T>((resolve, reject) => {
      const meet = this.#deadlines.set(() => {
        reject(new Fault('VENUE_NO_ANSWER', `${this.#venue.name} took over ${this.#options.timeoutMs} ms`));
        controller.abort();
      });
      const answered = (answer: T): void => {
        if (!controller.signal.aborted) this.#onAnswer((performance.now() - sentMs) / 1000);
        resolve(answer);
      };
      ask(controller.signal).then(answered, reject).finally(meet);
    });
  }
}
