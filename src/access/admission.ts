/** From a bearer token to someone who may act, or to a no. */
import { Fault } from '../faults/fault.ts';
import type { Directory, Principal } from './directory.ts';
import { HARMLESS, type Permission } from './permissions.ts';
import type { Revocations } from './revocations.ts';
import type { TokenClaims, Tokens } from './tokens.ts';

export class Admission {
  readonly #tokens: Tokens;
  readonly #directory: Directory;
  readonly #revocations: Pick<Revocations, 'has'>;

  constructor(tokens: Tokens, directory: Directory, revocations: Pick<Revocations, 'has'>) {
    this.#tokens = tokens;
    this.#directory = directory;
    this.#revocations = revocations;
  }

  /** @throws Fault USERS_STALE: nobody can say any more whether somebody may do this, and it could do harm */
  mustKnow(permission: Permission): void {
    if (this.#directory.isStale && !HARMLESS.has(permission)) throw new Fault('USERS_STALE');
  }

  /**
   * Who holds this token, if it was verified before; undefined: ask {@link admit}.
   * @throws Fault TOKEN_INVALID: the token was taken back, or the user is no longer let in, or was not at some time since
   */
  remembered(token: string): Principal | undefined {
    const claims = this.#tokens.remembered(token);
    return claims === undefined ? undefined : this.#holder(claims);
  }

  /** Who holds this token. @throws Fault TOKEN_INVALID */
  async admit(token: string): Promise<Principal> {
    return this.#holder(await this.#tokens.verify(token));
  }

  #holder({ username, tokenId, sessionId, issuedAtMs }: TokenClaims): Principal {
    if (this.#revocations.has(tokenId) || this.#revocations.has(sessionId)) throw new Fault('TOKEN_INVALID');
    const principal = this.#directory.find(username);
    if (principal === undefined || issuedAtMs < principal.tokensSinceMs) throw new Fault('TOKEN_INVALID');
    return principal;
  }
}
