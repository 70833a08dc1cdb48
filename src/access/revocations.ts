/** Every token taken back before its time, in memory: told at once on a channel, kept in the store, looked up there. */
import type { Channels } from '../cache/channels.ts';
import type { Revocation, RevokedTokens } from './revoked-tokens.ts';

const CHANNEL = 'access:revoked';
/** Tokens that are over are dropped so often, in milliseconds. */
const SWEEP_MS = 60_000;
/** Revocations that wait for the store to come back. */
const UNSAVED_MAX = 10_000;
/** No token lives longer than this, in milliseconds, whatever a message says. */
const LIFE_MAX_MS = 24 * 60 * 60_000;

interface RevocationsOptions {
  /** Between two looks at the store, in milliseconds. Default 2,000. */
  readonly everyMs?: number;
  /** Told when the store could not be asked; what is known stays. */
  readonly onTrouble?: (error: unknown) => void;
}

export class Revocations {
  readonly #store: RevokedTokens;
  readonly #channels: Channels;
  readonly #options: RevocationsOptions;
  /** Until when, in milliseconds since 1970. */
  readonly #revoked = new Map<string, number>();
  #mark: string | undefined;
  #look: Promise<void> | undefined;
  /** In force, and not in the store yet. */
  #unsaved: readonly Revocation[] = [];
  #sweptAtMs = 0;
  #stops: readonly (() => void)[] = [];

  constructor(store: RevokedTokens, channels: Channels, options: RevocationsOptions = {}) {
    this.#store = store;
    this.#channels = channels;
    this.#options = options;
  }

  /** Reads all there are, and follows from then on. @throws Fault DATABASE_UNAVAILABLE */
  async start(): Promise<void> {
    const unsubscribe = this.#channels.subscribe(CHANNEL, (message) => this.#hear(message));
    this.#stops = [unsubscribe];
    await this.refresh();
    const timer = setInterval(() => {
      this.refresh().catch((error: unknown) => this.#options.onTrouble?.(error));
    }, this.#options.everyMs ?? 2_000);
    timer.unref();
    this.#stops = [unsubscribe, () => clearInterval(timer)];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  has(tokenId: string): boolean {
    return this.#revoked.has(tokenId);
  }

  /**
   * In force here at once and on the other nodes when they hear of it; for good when this resolves.
   * @throws Fault DATABASE_UNAVAILABLE: not for good yet; this node goes on trying
   */
  async revoke(revocations: readonly Revocation[]): Promise<void> {
    for (const { tokenId, expiresAtMs } of revocations) this.#keep(tokenId, expiresAtMs);
    const told = revocations.map(({ tokenId, expiresAtMs }) => [tokenId, expiresAtMs]);
    this.#channels.publish(CHANNEL, Buffer.from(JSON.stringify(told)));
    try {
      await this.#store.add(revocations);
    } catch (error) {
      this.#unsaved = [...this.#unsaved, ...revocations].slice(-UNSAVED_MAX);
      throw error;
    }
  }

  /** Looks at the store now; who comes while a look is under way gets that one. @throws Fault DATABASE_UNAVAILABLE */
  refresh(): Promise<void> {
    this.#look ??= this.#refresh().finally(() => {
      this.#look = undefined;
    });
    return this.#look;
  }

  async #refresh(): Promise<void> {
    await this.#saveRest();
    const { revoked, mark } = await this.#store.since(this.#mark);
    for (const { tokenId, expiresAtMs } of revoked) this.#keep(tokenId, expiresAtMs);
    this.#mark = mark;
    this.#sweep(Date.now());
  }

  async #saveRest(): Promise<void> {
    const rest = this.#unsaved;
    if (rest.length === 0) return;
    await this.#store.add(rest);
    this.#unsaved = this.#unsaved.filter((one) => !rest.includes(one));
  }

  #keep(tokenId: string, expiresAtMs: number): void {
    this.#revoked.set(tokenId, Math.min(expiresAtMs, Date.now() + LIFE_MAX_MS));
  }

  #sweep(now: number): void {
    if (now - this.#sweptAtMs < SWEEP_MS) return;
    this.#sweptAtMs = now;
    for (const [tokenId, untilMs] of this.#revoked) if (untilMs <= now) this.#revoked.delete(tokenId);
  }

  /** Takes what reads; a message that does not is somebody else's mistake, and the store is asked anyhow. */
  #hear(message: Buffer): void {
    let told: unknown;
    try {
      told = JSON.parse(message.toString());
    } catch {
      return;
    }
    if (!Array.isArray(told)) return;
    for (const pair of told as readonly unknown[]) {
      const [tokenId, expiresAtMs] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
      if (typeof tokenId === 'string' && typeof expiresAtMs === 'number') this.#keep(tokenId, expiresAtMs);
    }
  }
}
