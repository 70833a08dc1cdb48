/** Access tokens: JWTs signed with the platform's own secret (HS256 and nothing else), good for half an hour. */
import { jwtVerify, SignJWT } from 'jose';
import { BoundedMap } from '../cache/bounded-map.ts';
import type { UserId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { User } from './users.ts';

const ALGORITHM = 'HS256';
const ISSUER = 'itirp';
const AUDIENCE = 'itirp-api';
const LIFE_SECONDS = 30 * 60;
/** Characters; ours have about 300. */
const TOKEN_MAX = 2_048;
/** Verified tokens remembered, so that a signature is checked once a token and not once a request. */
const REMEMBERED_MAX = 20_000;

export interface TokenClaims {
  readonly username: UserId;
  /** The token's own name (jti). */
  readonly tokenId: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

export interface IssuedToken {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
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

  async issue(user: User): Promise<IssuedToken> {
    const issuedAt = Math.floor(this.#now() / 1000);
    const accessToken = await new SignJWT({ role: user.role })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setSubject(user.username)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setJti(crypto.randomUUID())
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFE_SECONDS)
      .sign(this.#secret);
    return { accessToken, expiresInSeconds: LIFE_SECONDS };
  }

  /** The claims of a token verified before and still good; undefined says nothing about it. */
  remembered(token: string): TokenClaims | undefined {
    const claims = this.#verified.get(token);
    return claims !== undefined && claims.expiresAtMs > this.#now() ? claims : undefined;
  }

  /** @throws Fault TOKEN_INVALID */
  async verify(token: string): Promise<TokenClaims> {
    if (token.length > TOKEN_MAX) throw new Fault('TOKEN_INVALID');
    const payload = await this.#payload(token);
    const { sub, jti, exp } = payload;
    if (sub === undefined || jti === undefined || exp === undefined) throw new Fault('TOKEN_INVALID');
    const claims = { username: sub as UserId, tokenId: jti, expiresAtMs: exp * 1000 };
    this.#verified.set(token, claims);
    return claims;
  }

  async #payload(token: string) {
    try {
      const { payload } = await jwtVerify(token, this.#secret, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'jti', 'exp', 'iat'],
        currentDate: new Date(this.#now()),
      });
      return payload;
    } catch (cause) {
      throw new Fault('TOKEN_INVALID', undefined, { cause });
    }
  }
}
