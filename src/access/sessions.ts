/** From login to logout: an access token for half an hour, and a refresh token, good once, for the next one. */
import { BoundedMap } from '../cache/bounded-map.ts';
import type { UserId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Directory, Principal } from './directory.ts';
import type { Revocations } from './revocations.ts';
import type { Revocation } from './revoked-tokens.ts';
import type { SessionStore } from './session-store.ts';
import type { Holder, IssuedToken, RefreshClaims, Tokens } from './tokens.ts';

/** From the login to its last refresh: a working day. */
export const SESSION_LIFE_SECONDS = 12 * 60 * 60;
/** Refreshes that nobody answered, whose second try is remembered. */
const IN_DOUBT_MAX = 10_000;

export interface IssuedSession extends IssuedToken {
  /** Undefined: the store of sessions is away, so this login lasts as long as its access token. */
  readonly refreshToken: string | undefined;
  readonly refreshInSeconds: number;
}

/** `reused`: the refresh token was used before, by whomever. The session is ended for both. */
export type Refreshed =
  | { readonly kind: 'refreshed'; readonly issued: IssuedSession }
  | { readonly kind: 'reused'; readonly holder: Principal };

export class Sessions {
  readonly #tokens: Tokens;
  readonly #store: SessionStore;
  readonly #directory: Directory;
  readonly #revocations: Revocations;
  readonly #now: () => number;
  readonly #inDoubt = new BoundedMap<string, string>(IN_DOUBT_MAX);

  /** `now`: milliseconds since 1970. */
  constructor(
    tokens: Tokens,
    store: SessionStore,
    directory: Directory,
    revocations: Revocations,
    now: () => number = Date.now,
  ) {
    this.#tokens = tokens;
    this.#store = store;
    this.#directory = directory;
    this.#revocations = revocations;
    this.#now = now;
  }

  /** Begins the session of someone whose password was right. */
  async open({ username, role }: Holder): Promise<IssuedSession> {
    const sessionId = crypto.randomUUID();
    const lifeMs = SESSION_LIFE_SECONDS * 1000;
    const isKept = await this.#store.begin(sessionId, lifeMs).then(
      () => true,
      () => false, // an access token goes without
    );
    const claims = { username, sessionId, generation: 0, expiresAtMs: this.#now() + lifeMs };
    return this.#issue({ username, role }, claims, isKept);
  }

  /**
   * The next pair of tokens for a refresh token.
   * @throws Fault TOKEN_INVALID: it is none, it is over, or its session is ended or forgotten
   * @throws Fault USERS_STALE: nobody knows whether the user is still let in; it may be tried again
   * @throws Fault CACHE_UNAVAILABLE: nobody knows whether it was used before; it may be tried again
   * @throws Fault DATABASE_UNAVAILABLE: it was used before, and that could not be made known to all nodes for good
   */
  async refresh(token: string): Promise<Refreshed> {
    const claims = await this.#tokens.verifyRefresh(token);
    if (this.#directory.isStale) throw new Fault('USERS_STALE');
    const holder = this.#directory.find(claims.username);
    if (holder === undefined || this.#revocations.has(claims.sessionId)) throw new Fault('TOKEN_INVALID');
    const beganAtMs = claims.expiresAtMs - SESSION_LIFE_SECONDS * 1000;
    if (beganAtMs < holder.tokensSinceMs) throw new Fault('TOKEN_INVALID'); // disabled since, or a new password
    const rotation = await this.#rotate(claims);
    if (rotation === 'unknown') throw new Fault('TOKEN_INVALID');
    if (rotation === 'reused') {
      await this.#revocations.revoke([endOf(claims.sessionId, claims.username, 'reuse', claims.expiresAtMs)]);
      return { kind: 'reused', holder };
    }
    const next = { ...claims, generation: claims.generation + 1 };
    const issued = await this.#issue({ username: holder.user, role: holder.role }, next, true);
    return { kind: 'refreshed', issued };
  }

  /**
   * Ends the session that an access token belongs to: neither it nor any other token of it is taken from then on.
   * @throws Fault TOKEN_INVALID
   * @throws Fault DATABASE_UNAVAILABLE: ended as far as this node could tell the others; it may be tried again
   */
  async close(accessToken: string): Promise<void> {
    const { username, sessionId, tokenId } =
      this.#tokens.remembered(accessToken) ?? (await this.#tokens.verify(accessToken));
    const untilMs = this.#now() + SESSION_LIFE_SECONDS * 1000;
    await this.#store.end(sessionId).catch(() => {}); // the revocation holds without
    const ended = [...new Set([sessionId, tokenId])].map((id) => endOf(id, username, 'logout', untilMs));
    await this.#revocations.revoke(ended);
  }

  /** A try that nobody answered is tried again under its own name when the token is shown once more. */
  async #rotate({ sessionId, generation }: RefreshClaims) {
    const key = `${sessionId} ${generation}`;
    const attempt = this.#inDoubt.get(key) ?? crypto.randomUUID();
    try {
      const rotation = await this.#store.rotate(sessionId, generation, attempt);
      this.#inDoubt.delete(key);
      return rotation;
    } catch (error) {
      this.#inDoubt.set(key, attempt);
      throw error;
    }
  }

  async #issue(holder: Holder, claims: RefreshClaims, isKept: boolean): Promise<IssuedSession> {
    const access = await this.#tokens.issue(holder, claims.sessionId);
    const refreshToken = isKept ? await this.#tokens.issueRefresh(claims) : undefined;
    const refreshInSeconds = Math.round((claims.expiresAtMs - this.#now()) / 1000);
    return { ...access, refreshToken, refreshInSeconds };
  }
}

const endOf = (tokenId: string, user: UserId, why: Revocation['why'], expiresAtMs: number): Revocation => ({
  tokenId,
  user,
  why,
  expiresAtMs,
});
