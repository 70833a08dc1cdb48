/** Tokens and sessions that were taken back before their time, kept for as long as they would have been good. */
import type { UserId } from '../core/values/names.ts';

export interface Revocation {
  /** Name of an access token (jti), or of a session, which stands for all tokens of it. */
  readonly tokenId: string;
  readonly user: UserId;
  readonly why: 'logout' | 'reuse';
  /** Milliseconds since 1970: later it is refused anyhow. */
  readonly expiresAtMs: number;
}

export interface RevokedSince {
  readonly revoked: readonly Pick<Revocation, 'tokenId' | 'expiresAtMs'>[];
  /** Where to go on. */
  readonly mark: string;
}

/** Every method: @throws Fault DATABASE_UNAVAILABLE */
export interface RevokedTokens {
  /** One that is there already stays as it is. */
  add(revocations: readonly Revocation[]): Promise<void>;
  /** All that were added since `mark` and are not over, some of them perhaps again; undefined: all there are. */
  since(mark: string | undefined): Promise<RevokedSince>;
}
