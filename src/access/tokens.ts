/** Tokens: JWTs signed with the platform's own secret (HS256 and nothing else). Access tokens are good for half an hour. */
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { BoundedMap } from '../cache/bounded-map.ts';
import type { UserId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Role } from './permissions.ts';

const ALGORITHM = 'HS256';
const ISSUER = 'itirp';
/** What a token is for: one of a kind is never taken for one of the other. */
const AUDIENCE = 'itirp-api';
const REFRESH_AUDIENCE = 'itirp-refresh';
export const ACCESS_LIFE_SECONDS = 30 * 60;
/** Characters; ours have about 350. */
const TOKEN_MAX = 2_048;
/** Verified tokens remembered, so that a signature is checked once a token and not once a request. */
const REMEMBERED_MAX = 20_000;

export interface TokenClaims {
  readonly username: UserId;
  /** The token's own name (jti). */
  readonly tokenId: string;
  /** The login that it comes from (sid); its own name where it says none. */
  readonly sessionId: string;
  /** Milliseconds since 1970, as the next one. */
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** What a refresh token says: how many came before it in its session. */
export interface RefreshClaims {
  readonly username: UserId;
  readonly sessionId: string;
  readonly generation: number;
  /** End of the session, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}

export interface IssuedToken {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
}

/** Who a token is for. */
export interface Holder {
  readonly username: UserId;
  readonly role: Role;
}

export class Tokens {
  readonly #secret: Uint8Array;
  readonly #now: () => number;
  readonly #verified = new BoundedMap<string, TokenClaims>(REMEMBERED_MAX);

  /** `now`: milliseconds since 1970. */
  constructor(secret: string, now: () => number = Date.now) {
    this.#secret = new TextEncoder().encode(secret);
    this.#now = now;
  }

  async issue({ username, role }: Holder, sessionId: string = crypto.randomUUID()): Promise<IssuedToken> {
    const endSeconds = Math.floor(this.#now() / 1000) + ACCESS_LIFE_SECONDS;
    const accessToken = await this.#sign({ role, sid: sessionId }, AUDIENCE, username, endSeconds);
    return { accessToken, expiresInSeconds: ACCESS_LIFE_SECONDS };
  }

  issueRefresh({ username, sessionId, generation, expiresAtMs }: RefreshClaims): Promise<string> {
    const endSeconds = Math.floor(expiresAtMs / 1000);
    return this.#sign({ sid: sessionId, gen: generation }, REFRESH_AUDIENCE, username, endSeconds);
  }

  /** The claims of a token verified before and still good; undefined says nothing about it. */
  remembered(token: string): TokenClaims | undefined {
    const claims = this.#verified.get(token);
    return claims !== undefined && claims.expiresAtMs > this.#now() ? claims : undefined;
  }

  /** @throws Fault TOKEN_INVALID */
  async verify(token: string): Promise<TokenClaims> {
    const { sub, jti, iat, exp, sid } = await this.#payload(token, AUDIENCE);
    if (sub === undefined || jti === undefined || iat === undefined || exp === undefined) {
      throw new Fault('TOKEN_INVALID');
    }
    const sessionId = typeof sid === 'string' ? sid : jti;
    const times = { issuedAtMs: iat * 1000, expiresAtMs: exp * 1000 };
    const claims = { username: sub as UserId, tokenId: jti, sessionId, ...times };
    this.#verified.set(token, claims);
    return claims;
  }

  /** @throws Fault TOKEN_INVALID */
  async verifyRefresh(token: string): Promise<RefreshClaims> {
    const { sub, sid, gen, exp } = await this.#payload(token, REFRESH_AUDIENCE);
    const reads = typeof sid === 'string' && typeof gen === 'number' && Number.isSafeInteger(gen) && gen >= 0;
    if (!reads || sub === undefined || exp === undefined) throw new Fault('TOKEN_INVALID');
    return { username: sub as UserId, sessionId: sid, generation: gen, expiresAtMs: exp * 1000 };
  }

  #sign(claims: JWTPayload, audience: string, subject: string, endSeconds: number): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setSubject(subject)
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setJti(crypto.randomUUID())
      .setIssuedAt(Math.floor(this.#now() / 1000))
      .setExpirationTime(endSeconds)
      .sign(this.#secret);
  }

  async #payload(token: string, audience: string): Promise<JWTPayload> {
    if (token.length > TOKEN_MAX) throw new Fault('TOKEN_INVALID');
    try {
      const { payload } = await jwtVerify(token, this.#secret, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience,
        requiredClaims: ['sub', 'jti', 'exp', 'iat'],
        currentDate: new Date(this.#now()),
      });
      return payload;
    } catch (cause) {
      throw new Fault('TOKEN_INVALID', undefined, { cause });
    }
  }
}
