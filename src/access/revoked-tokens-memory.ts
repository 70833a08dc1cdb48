/** Revoked tokens in memory, for tests. */
import type { Revocation, RevokedSince, RevokedTokens } from './revoked-tokens.ts';

export class MemoryRevokedTokens implements RevokedTokens {
  readonly #added: Revocation[] = [];

  async add(revocations: readonly Revocation[]): Promise<void> {
    const known = new Set(this.#added.map(({ tokenId }) => tokenId));
    this.#added.push(...revocations.filter(({ tokenId }) => !known.has(tokenId)));
  }

  async since(mark: string | undefined): Promise<RevokedSince> {
    const now = Date.now();
    const revoked = this.#added.slice(Number(mark ?? 0)).filter(({ expiresAtMs }) => expiresAtMs > now);
    return { revoked, mark: String(this.#added.length) };
  }
}
