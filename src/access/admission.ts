/** From a bearer token to someone who may act, or to a no. */
import { Fault } from '../faults/fault.ts';
import type { Directory, Principal } from './directory.ts';
import type { TokenClaims, Tokens } from './tokens.ts';

export class Admission {
  readonly #tokens: Tokens;
  readonly #directory: Directory;

  constructor(tokens: Tokens, directory: Directory) {
    this.#tokens = tokens;
    this.#directory = directory;
  }

  /**
   * Who holds this token, if it was verified before; undefined: ask {@link admit}.
   * @throws Fault TOKEN_INVALID: the user is no longer let in
   */
  remembered(token: string): Principal | undefined {
    const claims = this.#tokens.remembered(token);
    return claims === undefined ? undefined : this.#holder(claims);
  }

  /** Who holds this token. @throws Fault TOKEN_INVALID */
  async admit(token: string): Promise<Principal> {
    return this.#holder(await this.#tokens.verify(token));
  }

  #holder(claims: TokenClaims): Principal {
    const principal = this.#directory.find(claims.username);
    if (principal === undefined) throw new Fault('TOKEN_INVALID');
    return principal;
  }
}
