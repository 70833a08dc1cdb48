/** Who may knock: the permission table, throttles, passwords and the directory. */
import { describe, expect, test } from 'vitest';
import { BoundedMap } from '../cache/bounded-map.ts';
import { HOUSE_ACCOUNT, type UserId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { addDemoUsers, DEMO_USERS } from './demo-users.ts';
import { Directory } from './directory.ts';
import { Login } from './login.ts';
import { LoginThrottle } from './login-throttle.ts';
import { Passwords } from './passwords.ts';
import { PERMISSIONS, ROLES, roleNamed } from './permissions.ts';
import { RateLimit } from './rate-limit.ts';
import { usersContract } from './users.contract.ts';
import { usernameOf } from './users.ts';
import { MemoryUsers } from './users-memory.ts';

usersContract(async () => new MemoryUsers());

describe('the permission table keeps duties apart', () => {
  test('who trades sets no limits and audits nothing, and who sets limits does not trade', () => {
    for (const role of ROLES.filter((one) => one !== 'ADMIN')) {
      const may = PERMISSIONS[role];
      const duties = (['PlaceOrder', 'SetLimits', 'ReadAudit'] as const).filter((duty) => may.has(duty));
      expect(duties.length, role).toBe(1);
    }
  });
  test('compliance may halt and not release', () => {
    expect(PERMISSIONS.COMPLIANCE.has('EngageKillSwitch')).toBe(true);
    expect(PERMISSIONS.COMPLIANCE.has('ReleaseKillSwitch')).toBe(false);
  });
  test('an administrator may all that anyone may', () => {
    const all = new Set(ROLES.flatMap((role) => [...PERMISSIONS[role]]));
    expect(PERMISSIONS.ADMIN).toEqual(all);
  });
  test('a role is found by its exact name', () => {
    expect(roleNamed('RISK_MANAGER')).toBe('RISK_MANAGER');
    expect(roleNamed('constructor')).toBeUndefined();
  });
});

test.each([
  ['Ann', 'ann'],
  ['ann@desk-2.example', 'ann@desk-2.example'],
  ['', undefined],
  [' ann', undefined],
  ['a\u0000b', undefined],
  ['x'.repeat(65), undefined],
  ['ünal', undefined],
])('%j is the user name %s', (text, name) => {
  expect(usernameOf(text)).toBe(name);
});

describe('a login', () => {
  const trader = 'trader1' as UserId;
  async function openLogin(isDemo = true) {
    const users = new MemoryUsers();
    const passwords = new Passwords();
    await addDemoUsers(users, passwords);
    const directory = new Directory(users, { isDemo });
    const login = new Login(users, passwords, new LoginThrottle(() => 0), directory);
    return { users, directory, login };
  }
  const refusal = (attempt: Promise<unknown>) =>
    attempt.then(
      () => 'granted',
      (error: unknown) => (error instanceof Fault ? error.code : 'a bug'),
    );

  test('takes the right password, in any case of the name, and nothing else', async () => {
    const { login, directory } = await openLogin();
    expect(await login.attempt('Trader1', 'trader123', '::1')).toMatchObject({
      username: trader,
      role: 'TRADER',
    });
    expect(directory.find(trader)?.role).toBe('TRADER'); // known at once, not at the next look
    expect(await refusal(login.attempt('trader1', 'Trader123', '::1'))).toBe('CREDENTIALS_INVALID');
    expect(await refusal(login.attempt('nobody', 'trader123', '::1'))).toBe('CREDENTIALS_INVALID');
    expect(await refusal(login.attempt('\u0000', 'trader123', '::1'))).toBe('CREDENTIALS_INVALID');
  });
  test('of a disabled user, and of a demo user outside demo mode, looks like a wrong password', async () => {
    const { users, login } = await openLogin();
    await users.disable(trader);
    expect(await refusal(login.attempt('trader1', 'trader123', '::1'))).toBe('CREDENTIALS_INVALID');
    const strict = await openLogin(false);
    expect(await refusal(strict.login.attempt('admin', 'admin123', '::1'))).toBe('CREDENTIALS_INVALID');
  });
  test('is slowed down after five failures, from that address and for that name alone', async () => {
    const { login } = await openLogin();
    const wrong = (name: string, address: string) => refusal(login.attempt(name, 'wrong', address));
    const first = await Promise.all([1, 2, 3, 4, 5, 6].map(() => wrong('trader1', '10.0.0.1')));
    expect(first.filter((code) => code === 'CREDENTIALS_INVALID').length).toBe(5);
    expect(first.at(-1)).toBe('LOGIN_THROTTLED');
    expect(await refusal(login.attempt('trader1', 'trader123', '10.0.0.1'))).toBe('LOGIN_THROTTLED');
    expect(await refusal(login.attempt('trader1', 'trader123', '10.0.0.2'))).toBe('granted');
    expect(await wrong('risk1', '10.0.0.1')).toBe('CREDENTIALS_INVALID');
  });
  test('with a wrong name costs a hash as one with a wrong password does', async () => {
    const verified: (string | undefined)[] = [];
    class Watched extends Passwords {
      override verify(passwordHash: string | undefined, password: string): Promise<boolean> {
        verified.push(passwordHash);
        return super.verify(passwordHash, password);
      }
    }
    const { users, directory } = await openLogin();
    const login = new Login(users, new Watched(), new LoginThrottle(), directory);
    for (const name of ['trader1', 'nobody', '\u0000']) await refusal(login.attempt(name, 'wrong', '::1'));
    expect(verified).toEqual([expect.stringContaining('$argon2id$'), undefined, undefined]);
  });
  test('that nobody could answer does not count as a failure', async () => {
    const { users, login } = await openLogin();
    const credentials = users.credentials.bind(users);
    users.credentials = () => Promise.reject(new Fault('DATABASE_UNAVAILABLE'));
    for (let i = 0; i < 10; i++) {
      expect(await refusal(login.attempt('trader1', 'trader123', '::1'))).toBe('DATABASE_UNAVAILABLE');
    }
    users.credentials = credentials;
    expect(await refusal(login.attempt('trader1', 'trader123', '::1'))).toBe('granted');
  });
  test('that nobody could answer does not make the failures before it good', async () => {
    const { users, login } = await openLogin();
    const wrong = () => refusal(login.attempt('trader1', 'wrong', '::1'));
    for (let i = 0; i < 4; i++) expect(await wrong()).toBe('CREDENTIALS_INVALID');
    const credentials = users.credentials.bind(users);
    users.credentials = () => Promise.reject(new Fault('RATE_LIMITED')); // whoever guesses can bring that about
    expect(await wrong()).toBe('RATE_LIMITED');
    users.credentials = credentials;
    expect(await wrong()).toBe('CREDENTIALS_INVALID');
    expect(await wrong()).toBe('LOGIN_THROTTLED');
  });
});

describe('passwords', () => {
  test('are Argon2id hashes, salted, with the costs that are asked for today', async () => {
    const passwords = new Passwords();
    const [one, two] = await Promise.all([passwords.hash('secret'), passwords.hash('secret')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await passwords.verify(one, 'secret')).toBe(true);
    expect(await passwords.verify(two, 'Secret')).toBe(false);
    expect(await passwords.verify(undefined, 'secret')).toBe(false);
  });
  test('are hashed a few at a time, and a crowd is sent away', async () => {
    const passwords = new Passwords();
    const crowd = Array.from({ length: 100 }, () =>
      passwords.hash('x').then(
        () => 'hashed',
        () => 'sent away',
      ),
    );
    const outcomes = await Promise.all(crowd);
    expect(outcomes.filter((outcome) => outcome === 'hashed').length).toBe(66);
    expect(await passwords.hash('x')).toMatch(/^\$argon2id/); // and the door opens again
  });
});

test('the throttle doubles the wait up to a quarter of an hour, and forgets after an hour', async () => {
  let now = 0;
  const throttle = new LoginThrottle(() => now);
  const waitMs = async (): Promise<number> => {
    try {
      await throttle.begin('ann', '::1');
    } catch (error) {
      return (error as { retryAfterMs: number }).retryAfterMs;
    }
    return 0;
  };
  const waits: number[] = [];
  for (let failures = 0; failures < 18; failures++) {
    const wait = await waitMs();
    waits.push(wait);
    if (wait > 0) {
      now += wait;
      expect(await waitMs()).toBe(0);
    }
  }
  expect(waits.slice(0, 8)).toEqual([0, 0, 0, 0, 0, 1_000, 2_000, 4_000]);
  expect(waits.at(-1)).toBe(15 * 60_000);
  now += 60 * 60_000;
  expect(await waitMs()).toBe(0);
  expect(await waitMs()).toBe(0);
});

describe('the rate limit', () => {
  test('gives a minute at once, then refills evenly', () => {
    let now = 1_000;
    const limit = new RateLimit(60, () => now);
    for (let i = 0; i < 60; i++) expect(limit.take('ann')).toBe(0);
    expect(limit.take('ann')).toBe(1_000);
    expect(limit.take('bob')).toBe(0);
    now += 1_000;
    expect(limit.take('ann')).toBe(0);
    expect(limit.take('ann')).toBe(1_000);
    now += 60_000;
    for (let i = 0; i < 60; i++) expect(limit.take('ann')).toBe(0);
  });
  test('of zero is none', () => {
    const limit = new RateLimit(0);
    expect(Array.from({ length: 1_000 }, () => limit.take('ann')).every((wait) => wait === 0)).toBe(true);
  });
});

test('a bounded map keeps what was used last and never more than its bound', () => {
  const map = new BoundedMap<number, string>(100);
  map.set(-1, 'kept');
  for (let key = 0; key < 10_000; key++) {
    map.set(key, String(key));
    expect(map.get(-1)).toBe('kept');
  }
  const held = Array.from({ length: 10_000 }, (_, key) => map.get(key)).filter(
    (value) => value !== undefined,
  );
  expect(held.length).toBeLessThanOrEqual(100);
  map.delete(-1);
  expect(map.get(-1)).toBeUndefined();
});

describe('the directory', () => {
  const ann = 'ann' as UserId;
  test('follows the store, and keeps what it knows while the store is silent', async () => {
    const users = new MemoryUsers();
    const directory = new Directory(users, { isDemo: false });
    await directory.refresh();
    expect(directory.find(ann)).toBeUndefined();
    await users.add({
      username: ann,
      passwordHash: '',
      role: 'TRADER',
      account: HOUSE_ACCOUNT,
      isDemo: false,
    });
    await directory.refresh();
    expect(directory.find(ann)).toMatchObject({ user: 'ann', role: 'TRADER', account: 'HOUSE' });
    users.version = () => Promise.reject(new Fault('DATABASE_UNAVAILABLE'));
    await expect(directory.refresh()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(directory.find(ann)?.role).toBe('TRADER');
  });
  test('looks by itself, and tells of trouble', async () => {
    const users = new MemoryUsers();
    const troubles: unknown[] = [];
    const directory = new Directory(users, {
      isDemo: false,
      everyMs: 5,
      onTrouble: (error) => troubles.push(error),
    });
    await directory.start();
    await users.add({
      username: ann,
      passwordHash: '',
      role: 'TRADER',
      account: HOUSE_ACCOUNT,
      isDemo: false,
    });
    await expect.poll(() => directory.find(ann)?.role).toBe('TRADER');
    await users.disable(ann);
    await expect.poll(() => directory.find(ann)).toBeUndefined();
    users.version = () => Promise.reject(new Fault('DATABASE_UNAVAILABLE'));
    await expect.poll(() => troubles.length).toBeGreaterThan(0);
    directory.stop();
  });
});

test('demo users are the contract’s four, added once, and no one else’s name is taken over', async () => {
  const users = new MemoryUsers();
  const admin = 'admin' as UserId;
  await users.add({
    username: admin,
    passwordHash: 'real',
    role: 'COMPLIANCE',
    account: HOUSE_ACCOUNT,
    isDemo: false,
  });
  await addDemoUsers(users, new Passwords());
  await addDemoUsers(users, new Passwords());
  expect((await users.list()).map(({ username }) => username)).toEqual([
    'admin',
    'compliance1',
    'risk1',
    'trader1',
  ]);
  expect((await users.credentials(admin))?.passwordHash).toBe('real');
  expect(DEMO_USERS.map(({ username, password }) => `${username}/${password}`)).toEqual([
    'trader1/trader123',
    'risk1/risk123',
    'compliance1/compliance123',
    'admin/admin123',
  ]);
});
