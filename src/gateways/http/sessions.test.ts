/** Refreshing and logging out over the wire: who may, what a bad request gets, and what is written down. */
import { describe, expect, test } from 'vitest';
import { ROLES } from '../../access/permissions.ts';
import { MemorySessionStore } from '../../access/session-store-memory.ts';
import { Fault } from '../../faults/fault.ts';
import { openSmallHouse, type SmallHouse } from './testing/small-house.ts';

interface Pair {
  readonly access_token: string;
  readonly refresh_token: string;
}

async function logIn(house: SmallHouse): Promise<Pair> {
  const payload = { username: 'trader1', password: 'trader123' };
  return (await house.app.inject({ method: 'POST', url: '/api/v1/auth/login', payload })).json();
}
const refresh = (house: SmallHouse, payload: object) =>
  house.app.inject({ method: 'POST', url: '/api/v1/auth/refresh', payload });
const logOut = (house: SmallHouse, authorization: string) =>
  house.app.inject({ method: 'POST', url: '/api/v1/auth/logout', headers: { authorization } });
const look = async (house: SmallHouse, token: string): Promise<number> => {
  const headers = { authorization: `Bearer ${token}` };
  return (await house.app.inject({ url: '/api/v1/risk/metrics', headers })).statusCode;
};

describe('a refresh', () => {
  test('answers the next pair, as a login does, and is no fact', async () => {
    const house = await openSmallHouse({ hasPasswords: true });
    const first = await logIn(house);
    const response = await refresh(house, { refresh_token: first.refresh_token });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'bearer',
      expires_in: 1_800,
      refresh_token: expect.not.stringMatching(first.refresh_token),
      refresh_expires_in: expect.any(Number),
    });
    expect(await look(house, response.json().access_token)).toBe(200);
    expect(house.engine.submitted.length).toBe(1);
  });
  test('with a token that was used before ends the session, and is a fact with its reason', async () => {
    const house = await openSmallHouse({ hasPasswords: true });
    const first = await logIn(house);
    const second = (await refresh(house, { refresh_token: first.refresh_token })).json<Pair>();
    const response = await refresh(house, { refresh_token: first.refresh_token });
    expect([response.statusCode, response.json().code]).toEqual([401, 'TOKEN_INVALID']);
    expect(response.json().detail).toContain('log in again');
    for (const { access_token } of [first, second]) expect(await look(house, access_token)).toBe(401);
    expect((await refresh(house, { refresh_token: second.refresh_token })).statusCode).toBe(401);
    expect(house.engine.submitted.slice(1)).toMatchObject([
      {
        command: { type: 'RecordAccess', what: 'LoginRefused', subject: 'trader1' },
        by: { user: 'anonymous', origin: '127.0.0.1', reason: expect.stringContaining('used twice') },
      },
    ]);
    expect(JSON.stringify(house.engine.submitted)).not.toContain(first.refresh_token);
    expect(await look(house, (await logIn(house)).access_token)).toBe(200);
  });
  test('while sessions are away is a 503, and access tokens go on', async () => {
    const house = await openSmallHouse({ hasPasswords: true });
    const { access_token, refresh_token } = await logIn(house);
    const rotate = MemorySessionStore.prototype.rotate;
    MemorySessionStore.prototype.rotate = () => Promise.reject(new Fault('CACHE_UNAVAILABLE'));
    const response = await refresh(house, { refresh_token });
    MemorySessionStore.prototype.rotate = rotate;
    expect([response.statusCode, response.json().code]).toEqual([503, 'CACHE_UNAVAILABLE']);
    expect(Number(response.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(await look(house, access_token)).toBe(200);
    expect((await refresh(house, { refresh_token })).statusCode).toBe(200);
  });
  test.each([
    ['no body', undefined, 422],
    ['nothing in it', {}, 422],
    ['no text', { refresh_token: 7 }, 422],
    ['an empty text', { refresh_token: '' }, 422],
    ['too long a text', { refresh_token: 'x'.repeat(2_049) }, 422],
    ['more than is asked', { refresh_token: 'x', username: 'trader1' }, 422],
    ['nonsense', { refresh_token: 'nonsense' }, 401],
    ['control characters', { refresh_token: '\u0000\n' }, 401],
  ])('with %s is refused', async (_what, payload, status) => {
    const house = await openSmallHouse();
    const response = await refresh(house, payload as object);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(house.engine.submitted).toEqual([]);
  });
  test('with the access token is refused', async () => {
    const house = await openSmallHouse({ hasPasswords: true });
    const { access_token } = await logIn(house);
    expect((await refresh(house, { refresh_token: access_token })).statusCode).toBe(401);
  });
  test('is counted against the address', async () => {
    const house = await openSmallHouse({ perMinute: 2 });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await refresh(house, { refresh_token: 'x' })).statusCode);
    expect(statuses).toEqual([401, 401, 429]);
  });
});

describe('a logout', () => {
  test.each(ROLES)('of a %s ends the session of that token and of no other', async (role) => {
    const house = await openSmallHouse();
    const answer = await logOut(house, house.bearer(role));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      message: 'Logged out',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.\d{6}Z$/),
    });
    expect((await logOut(house, house.bearer(role))).statusCode).toBe(401);
    expect((await logOut(house, house.bearer('trader2'))).statusCode).toBe(200);
  });
  test('takes the refresh token with it', async () => {
    const house = await openSmallHouse({ hasPasswords: true });
    const { access_token, refresh_token } = await logIn(house);
    expect((await logOut(house, `bearer ${access_token}`)).statusCode).toBe(200);
    expect((await refresh(house, { refresh_token })).statusCode).toBe(401);
    expect(await look(house, access_token)).toBe(401);
  });
  test('with a refresh token in place of the bearer token is refused', async () => {
    const house = await openSmallHouse({ hasPasswords: true });
    const { refresh_token } = await logIn(house);
    expect((await logOut(house, `Bearer ${refresh_token}`)).statusCode).toBe(401);
  });
  test.each([
    ['an empty object', {}, 200],
    ['null', null, 200],
    ['anything else', { all: true }, 422],
    ['a list', [], 422],
  ])('with %s for a body answers %s', async (_what, payload, status) => {
    const house = await openSmallHouse();
    const headers = { authorization: house.bearer('TRADER'), 'content-type': 'application/json' };
    const request = { method: 'POST', url: '/api/v1/auth/logout', headers } as const;
    const answer = await house.app.inject({ ...request, payload: JSON.stringify(payload) });
    expect(answer.statusCode).toBe(status);
  });
});
