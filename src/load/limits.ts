/** The firm's limits out of the way for a while: a load is to meet the machine, not the risk manager. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Control, Credentials, Limits } from './control.ts';

/** Each order is weighed all the same. */
const MOST = 90_000_000_000;
/** Putting back is tried so often, with a pause that doubles. A server that is just starting is there again by then. */
const TRIES = 6;
const PAUSE_MS = 500;

/** What became of them. `changed`: somebody else set them meanwhile, and theirs stand. */
export type LimitsEnd =
  | { readonly kind: 'back' }
  | { readonly kind: 'changed'; readonly now: Limits }
  | { readonly kind: 'stranded'; readonly why: string };

export class LimitsLift {
  readonly before: Limits;
  readonly #control: Control;
  readonly #riskManager: Credentials;
  /** What we set, as the deployment has taken it. */
  #raised: Limits;
  /** The last change of ours was not confirmed: all, some or none of the shards may have it, now or in a moment. */
  #isInDoubt = false;

  private constructor(control: Control, riskManager: Credentials, before: Limits) {
    this.#control = control;
    this.#riskManager = riskManager;
    this.before = before;
    this.#raised = raisedFrom(before);
  }

  /** Looks at them, and changes nothing yet. @throws Fault CREDENTIALS_INVALID, PERMISSION_DENIED, LOAD_TARGET_FAILED */
  static async prepare(control: Control, riskManager: Credentials): Promise<LimitsLift> {
    const { access } = await control.logIn(riskManager);
    return new LimitsLift(control, riskManager, await control.limits(access));
  }

  /** How to restore them by hand, in words that can be pasted. */
  get remedy(): string {
    const body = JSON.stringify(this.before);
    return [
      `before the load the limits were ${body}. Set them again as a risk manager:`,
      `  curl --request PUT '${this.#control.address}/api/v1/risk/limits?reason=after+a+load' --header "authorization: Bearer $TOKEN" --header 'content-type: application/json' --data '${body}'`,
      '  TOKEN is the access_token that POST /api/v1/auth/login answers',
    ].join('\n');
  }

  /** Whatever comes of it, {@link putBack} must follow: what is not known to have failed may have been done. @throws Fault as `prepare` */
  async raise(): Promise<void> {
    const { access } = await this.#control.logIn(this.#riskManager);
    this.#isInDoubt = true;
    this.#raised = await this.#control.setLimits(access, this.#raised);
    this.#isInDoubt = false;
  }

  /** Puts them back as they were, where they are still what we set. Never throws. */
  async putBack(pauseMs = PAUSE_MS): Promise<LimitsEnd> {
    let why = '';
    for (let i = 0; i < TRIES; i++) {
      if (i > 0) await sleep(pauseMs * 2 ** (i - 1));
      try {
        return await this.#tryToPutBack();
      } catch (error) {
        why = (error as Error).message;
      }
    }
    return { kind: 'stranded', why };
  }

  /** API v1 has no conditional change: who sets limits between our look and our change is overwritten. */
  async #tryToPutBack(): Promise<LimitsEnd> {
    const { access } = await this.#control.logIn(this.#riskManager); // the first token may be over by then
    const now = await this.#control.limits(access);
    if (areSame(now, this.before) && !this.#isInDoubt) return { kind: 'back' };
    if (!this.#isOurs(now)) return { kind: 'changed', now };
    this.#isInDoubt = true;
    await this.#control.setLimits(access, this.before);
    this.#isInDoubt = false;
    return { kind: 'back' };
  }

  /** In doubt some shards may have the one and some the other: the firm's sum lies in between then. */
  #isOurs(now: Limits): boolean {
    if (areSame(now, this.#raised)) return true;
    return this.#isInDoubt && NAMES.every((name) => this.before[name] <= now[name] && now[name] <= MOST);
  }
}

const NAMES = ['max_position_size', 'max_daily_volume', 'max_net_exposure', 'max_gross_exposure'] as const;

const areSame = (one: Limits, other: Limits): boolean => NAMES.every((name) => one[name] === other[name]);

/** Never below what they are. */
const raisedFrom = (before: Limits): Limits => ({
  max_position_size: Math.max(MOST, before.max_position_size),
  max_daily_volume: Math.max(MOST, before.max_daily_volume),
  max_net_exposure: Math.max(MOST, before.max_net_exposure),
  max_gross_exposure: Math.max(MOST, before.max_gross_exposure),
});

export interface LiftHooks {
  readonly tell: (says: string) => void;
  /** From now on limits may be raised, and the remedy says how to restore them by hand; undefined: they are not. */
  readonly onRaised: (remedy: string | undefined) => void;
}

/**
 * Does `work` while they are raised, and puts them back as soon as it is over, however it ends. Where that fails
 * `onRaised` is not called again: its remedy stands. Without a lift it is the work alone.
 */
export async function whileLifted<T>(
  lift: LimitsLift | undefined,
  { tell, onRaised }: LiftHooks,
  leftovers: string[],
  work: () => Promise<T>,
): Promise<T> {
  if (lift === undefined) return await work();
  onRaised(lift.remedy);
  try {
    await lift.raise();
    return await work();
  } finally {
    tell('putting the limits back');
    const end = await lift.putBack();
    if (end.kind === 'stranded') leftovers.push(`THE LIMITS ARE STILL RAISED (${end.why}): ${lift.remedy}`);
    else onRaised(undefined);
    if (end.kind === 'changed')
      leftovers.push(`somebody set the limits meanwhile; they stay as they are: ${JSON.stringify(end.now)}`);
  }
}
