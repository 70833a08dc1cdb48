/** What every keeper of revoked tokens must do, held against each adapter. */
import { expect, test } from 'vitest';
import type { UserId } from '../core/values/names.ts';
import type { Revocation, RevokedTokens } from './revoked-tokens.ts';

const revocation = (tokenId: string, lifeMs = 60_000): Revocation => ({
  tokenId,
  user: 'ann' as UserId,
  why: 'logout',
  expiresAtMs: Date.now() + lifeMs,
});

/** `open` gives an empty keeper. */
export function revokedTokensContract(open: () => Promise<RevokedTokens>): void {
  test('what was revoked is found from the beginning, and what is over is not', async () => {
    const store = await open();
    const [a, b] = [revocation('a'), revocation("'b\u00fc")];
    await store.add([a, b, revocation('over', -1_000)]);
    const { revoked } = await store.since(undefined);
    expect(revoked.map(({ tokenId }) => tokenId).sort()).toEqual(["'b\u00fc", 'a']);
    expect(revoked.find(({ tokenId }) => tokenId === 'a')?.expiresAtMs).toBeCloseTo(a.expiresAtMs, 0);
  });
  test('from a mark on nothing new is missed', async () => {
    const store = await open();
    const { mark } = await store.since(undefined);
    await store.add([revocation('a')]);
    const next = await store.since(mark);
    expect(next.revoked.map(({ tokenId }) => tokenId)).toEqual(['a']);
    await store.add([revocation('b')]);
    expect((await store.since(next.mark)).revoked.map(({ tokenId }) => tokenId)).toContain('b');
  });
  test('one that is revoked twice is there once', async () => {
    const store = await open();
    await store.add([revocation('a')]);
    await store.add([revocation('a'), revocation('b')]);
    expect((await store.since(undefined)).revoked.map(({ tokenId }) => tokenId).sort()).toEqual(['a', 'b']);
  });
}
