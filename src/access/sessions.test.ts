/** From login to logout: tokens handed on, used twice, taken back, and what remains when stores are away. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { MemoryChannels } from '../cache/channels-memory.ts';
import { HOUSE_ACCOUNT, type UserId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { Admission } from './admission.ts';
import { Directory } from './directory.ts';
import { Revocations } from './revocations.ts';
import { revokedTokensContract } from './revoked-tokens.contract.ts';
import { MemoryRevokedTokens } from './revoked-tokens-memory.ts';
import { sessionStoreContract } from './session-store.contract.ts';
import { MemorySessionStore } from './session-store-memory.ts';
import { SESSION_LIFE_SECONDS, Sessions } from './sessions.ts';
import { Tokens } from './tokens.ts';
import { MemoryUsers } from './users-memory.ts';

describe('sessions in memory', () => sessionStoreContract(async () => new MemorySessionStore()));
describe('revoked tokens in memory', () => revokedTokensContract(async () => new MemoryRevokedTokens()));

/** Longer than any test. */
const NEVER_MS = 1_000_000;
const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const ann = { username: 'ann' as UserId, role: 'TRADER' as const };

/** Nodes that share users, sessions and revoked tokens; `hasLine`: and channels. */
async function open(hasLine = true) {
  const users = new MemoryUsers();
  await users.add({ ...ann, passwordHash: '', account: HOUSE_ACCOUNT, isDemo: false });
  const [store, revoked, line] = [new MemorySessionStore(), new MemoryRevokedTokens(), new MemoryChannels()];
  const clock = { ms: Math.floor(Date.now() / 1000) * 1000 };
  async function node() {
    const directory = new Directory(users, { isDemo: false });
    await directory.refresh();
    const tokens = new Tokens(SECRET, () => clock.ms);
    const revocations = new Revocations(revoked, hasLine ? line : new MemoryChannels(), {
      everyMs: NEVER_MS,
    });
    await revocations.start();
    onTestFinished(() => revocations.stop());
    const admission = new Admission(tokens, directory, revocations);
    const sessions = new Sessions(tokens, store, directory, revocations, () => clock.ms);
    const isIn = (token: string): Promise<boolean> =>
      admission.admit(token).then(
        ({ user }) => user === ann.username,
        () => false,
      );
    return { directory, tokens, revocations, admission, sessions, isIn };
  }
  return { users, store, revoked, line, clock, node, a: await node(), b: await node() };
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Fault ? error.code : String(error)),
  );

async function refreshed(node: Awaited<ReturnType<typeof open>>['a'], token: string | undefined) {
  const outcome = await node.sessions.refresh(token ?? '');
  if (outcome.kind !== 'refreshed') throw new Error('was used before');
  return outcome.issued;
}

describe('a session', () => {
  test('goes from node to node, each refresh token good once', async () => {
    const { a, b } = await open();
    let issued = await a.sessions.open(ann);
    const seen = new Set([issued.refreshToken]);
    for (let n = 0; n < 6; n++) {
      issued = await refreshed(n % 2 === 0 ? b : a, issued.refreshToken);
      expect(await a.isIn(issued.accessToken)).toBe(true);
      expect(seen.has(issued.refreshToken)).toBe(false);
      seen.add(issued.refreshToken);
    }
  });
  test('ends for everyone when a token of it comes twice', async () => {
    const { a, b } = await open();
    const first = await a.sessions.open(ann);
    const second = await refreshed(a, first.refreshToken);
    const other = await a.sessions.open(ann);
    expect(await b.sessions.refresh(first.refreshToken ?? '')).toMatchObject({
      kind: 'reused',
      holder: { user: 'ann' },
    });
    await expect.poll(() => a.isIn(second.accessToken)).toBe(false);
    expect(await b.isIn(first.accessToken)).toBe(false);
    expect(await codeOf(a.sessions.refresh(second.refreshToken ?? ''))).toBe('TOKEN_INVALID');
    expect(await a.isIn(other.accessToken)).toBe(true); // another login of the same user
    expect(await codeOf(refreshed(b, other.refreshToken))).toBe('done');
  });
  test('ends at its logout, on all nodes, and at once where it was said', async () => {
    const { a, b } = await open();
    const first = await a.sessions.open(ann);
    const second = await refreshed(b, first.refreshToken);
    await a.sessions.close(first.accessToken);
    expect([await a.isIn(first.accessToken), await a.isIn(second.accessToken)]).toEqual([false, false]);
    await expect.poll(() => b.isIn(second.accessToken)).toBe(false);
    expect(await codeOf(b.sessions.refresh(second.refreshToken ?? ''))).toBe('TOKEN_INVALID');
  });
  test('lasts twelve hours, however often it is refreshed', async () => {
    const { a, clock } = await open();
    let issued = await a.sessions.open(ann);
    expect(issued.refreshInSeconds).toBe(SESSION_LIFE_SECONDS);
    clock.ms += (SESSION_LIFE_SECONDS - 60) * 1000;
    issued = await refreshed(a, issued.refreshToken);
    expect(issued.refreshInSeconds).toBe(60);
    clock.ms += 61_000;
    expect(await codeOf(a.sessions.refresh(issued.refreshToken ?? ''))).toBe('TOKEN_INVALID');
  });
  test('of a user who was disabled is not refreshed', async () => {
    const { a, users } = await open();
    const issued = await a.sessions.open(ann);
    await users.disable(ann.username);
    await a.directory.refresh();
    expect(await codeOf(a.sessions.refresh(issued.refreshToken ?? ''))).toBe('TOKEN_INVALID');
  });
});

test.each(['a new password', 'a disabled user who is let in again'])(
  '%s ends all sessions before it',
  async (what) => {
    const { a, users, clock } = await open();
    clock.ms -= 60_000;
    const old = await a.sessions.open(ann);
    clock.ms += 60_000;
    if (what === 'a new password') await users.setPassword(ann.username, 'another');
    else {
      await users.disable(ann.username);
      await users.enable(ann.username);
    }
    const fresh = await a.sessions.open(ann);
    await a.directory.refresh();
    expect([await a.isIn(old.accessToken), await a.isIn(fresh.accessToken)]).toEqual([false, true]);
    expect(await codeOf(a.sessions.refresh(old.refreshToken ?? ''))).toBe('TOKEN_INVALID');
    expect(await codeOf(refreshed(a, fresh.refreshToken))).toBe('done');
  },
);

describe('one kind of token is not taken for the other', () => {
  test('an access token refreshes nothing, and a refresh token opens no door', async () => {
    const { a } = await open();
    const issued = await a.sessions.open(ann);
    expect(await codeOf(a.sessions.refresh(issued.accessToken))).toBe('TOKEN_INVALID');
    expect(await a.isIn(issued.refreshToken ?? '')).toBe(false);
    expect(await codeOf(a.sessions.close(issued.refreshToken ?? ''))).toBe('TOKEN_INVALID');
  });
  test.each(['', 'nonsense', 'a.b.c', 'x'.repeat(3_000)])('%j refreshes nothing', async (token) => {
    const { a } = await open();
    expect(await codeOf(a.sessions.refresh(token))).toBe('TOKEN_INVALID');
  });
  test('a token of another secret refreshes nothing, and ends nothing', async () => {
    const { a } = await open();
    const issued = await a.sessions.open(ann);
    const claims = await new Tokens(SECRET).verifyRefresh(issued.refreshToken ?? '');
    const forged = await new Tokens(`${SECRET}!`).issueRefresh(claims);
    expect(await codeOf(a.sessions.refresh(forged))).toBe('TOKEN_INVALID');
    expect(await codeOf(refreshed(a, issued.refreshToken))).toBe('done');
  });
});

describe('when stores are away', () => {
  const away = (code: 'CACHE_UNAVAILABLE' | 'DATABASE_UNAVAILABLE') => () => Promise.reject(new Fault(code));

  test('a login goes without a refresh token', async () => {
    const { a, store } = await open();
    store.begin = away('CACHE_UNAVAILABLE');
    const issued = await a.sessions.open(ann);
    expect([await a.isIn(issued.accessToken), issued.refreshToken]).toEqual([true, undefined]);
  });
  test('a refresh that nobody answered may be tried again, and is no second use', async () => {
    const { a, store } = await open();
    const issued = await a.sessions.open(ann);
    const rotate = store.rotate.bind(store);
    store.rotate = async (...asked) => {
      await rotate(...asked); // done, and the answer is lost
      throw new Fault('CACHE_UNAVAILABLE');
    };
    expect(await codeOf(a.sessions.refresh(issued.refreshToken ?? ''))).toBe('CACHE_UNAVAILABLE');
    store.rotate = rotate;
    expect(await codeOf(refreshed(a, issued.refreshToken))).toBe('done');
    expect(await a.sessions.refresh(issued.refreshToken ?? '')).toMatchObject({ kind: 'reused' });
  });
  test('a session that the store has forgotten is over', async () => {
    const { a, store } = await open();
    const issued = await a.sessions.open(ann);
    store.rotate = new MemorySessionStore().rotate.bind(new MemorySessionStore());
    expect(await codeOf(a.sessions.refresh(issued.refreshToken ?? ''))).toBe('TOKEN_INVALID');
    expect(await a.isIn(issued.accessToken)).toBe(true);
  });
  test('a logout holds without the store of sessions, and without the channel from the next look on', async () => {
    const { a, b, store } = await open(false);
    const issued = await a.sessions.open(ann);
    store.end = away('CACHE_UNAVAILABLE');
    await a.sessions.close(issued.accessToken);
    expect([await a.isIn(issued.accessToken), await b.isIn(issued.accessToken)]).toEqual([false, true]);
    await b.revocations.refresh();
    expect(await b.isIn(issued.accessToken)).toBe(false);
  });
  test('a logout that could not be kept says so, holds, and is kept when it can be', async () => {
    const { a, b, revoked, node } = await open();
    const issued = await a.sessions.open(ann);
    const add = revoked.add.bind(revoked);
    revoked.add = away('DATABASE_UNAVAILABLE');
    expect(await codeOf(a.sessions.close(issued.accessToken))).toBe('DATABASE_UNAVAILABLE');
    expect(await a.isIn(issued.accessToken)).toBe(false);
    await expect.poll(() => b.isIn(issued.accessToken)).toBe(false); // told on the channel
    revoked.add = add;
    await a.revocations.refresh();
    const late = await node();
    await late.revocations.refresh();
    expect(await late.isIn(issued.accessToken)).toBe(false);
  });
});

describe('revocations', () => {
  const gone = { user: ann.username, why: 'logout' as const, expiresAtMs: Date.now() + 60_000 };

  test('are looked up at the start and from time to time, and trouble is told', async () => {
    const store = new MemoryRevokedTokens();
    await store.add([{ ...gone, tokenId: 'old' }]);
    const troubles: unknown[] = [];
    const options = { everyMs: 5, onTrouble: (error: unknown) => troubles.push(error) };
    const revocations = new Revocations(store, new MemoryChannels(), options);
    await revocations.start();
    expect(revocations.has('old')).toBe(true);
    await store.add([{ ...gone, tokenId: 'new' }]);
    await expect.poll(() => revocations.has('new')).toBe(true);
    store.since = () => Promise.reject(new Fault('DATABASE_UNAVAILABLE'));
    await expect.poll(() => troubles.length).toBeGreaterThan(0);
    expect(revocations.has('old')).toBe(true);
    revocations.stop();
  });
  test.each(['', 'nonsense', '{}', 'null', '[1]', '[["a"]]', '[[1,2]]', '[["a","b"]]'])(
    'are not shaken by a message like %j',
    async (text) => {
      const channels = new MemoryChannels();
      const revocations = new Revocations(new MemoryRevokedTokens(), channels);
      await revocations.start();
      channels.publish('access:revoked', Buffer.from(text));
      channels.publish('access:revoked', Buffer.from(JSON.stringify([['b', Date.now() + 60_000]])));
      await expect.poll(() => revocations.has('b')).toBe(true);
      expect(revocations.has('a')).toBe(false);
      revocations.stop();
    },
  );
});
