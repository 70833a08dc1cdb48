/** Bodies, tokens and paths as no one should send them: each gets its typed 4xx, and nothing reaches the engine. */
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { ORDER } from './testing/client.ts';
import { JSON_TYPE, sendBad } from './testing/send-bad.ts';
import { openSmallHouse, SECRET, type SmallHouse } from './testing/small-house.ts';

let house: SmallHouse;
beforeAll(async () => {
  house = await openSmallHouse();
});

describe('limits', () => {
  test.each([
    ['max_position_size', -1],
    ['max_daily_volume', '1e6'],
    ['max_net_exposure', null],
    ['max_gross_exposure', 1e12],
    ['kill_switch_enabled', 'true'],
    ['kill_switch_enabled', 1],
    ['junk', 1],
  ])('with %s %j are refused', async (field, value) => {
    const request = { method: 'PUT', url: '/api/v1/risk/limits', payload: { [field]: value } } as const;
    expect(await sendBad(house, request)).toMatchObject({ status: 422, fields: [field] });
  });
  test('need a body', async () => {
    expect(await sendBad(house, { method: 'PUT', url: '/api/v1/risk/limits' })).toMatchObject({
      status: 422,
      fields: ['body'],
    });
  });
});

describe('a login', () => {
  test.each([
    [{ username: 'a\u0000b', password: 'x' }, ['username']],
    [{ username: 'a\r\nb', password: 'x' }, ['username']],
    [{ username: '', password: '' }, ['username', 'password']],
    [{ username: 'x'.repeat(65), password: 'x'.repeat(257) }, ['username', 'password']],
    [{ username: ['a'], password: { a: 1 } }, ['username', 'password']],
    [{}, ['username', 'password']],
    [{ username: 'a', password: 'b', junk: 1 }, ['junk']],
  ])('with %j is refused by name', async (payload, fields) => {
    const answer = await sendBad(house, { method: 'POST', url: '/api/v1/auth/login', payload });
    expect(answer.status).toBe(422);
    expect(answer.fields.sort()).toEqual([...fields].sort());
  });
});

describe('a token', () => {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 600;
  const claims = { sub: 'admin', iss: 'itirp', aud: 'itirp-api', jti: 'x', iat: exp - 600, exp };
  const signed = (changes: object) =>
    new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(SECRET));

  test.each([
    ['alg none', `${encode({ alg: 'none' })}.${encode(claims)}.`],
    ['no signature', `${encode({ alg: 'HS256' })}.${encode(claims)}.`],
    ['wrong audience', signed({ aud: 'someone-else' })],
    ['expired', signed({ exp: exp - 700 })],
    ['unknown user', signed({ sub: 'mallory' })],
    ['a user of another kind', signed({ sub: { $ne: null } })],
    ['prototype user', signed({ sub: '__proto__' })],
    ['nonsense', 'a.b.c'],
    ['10,000 characters', 'x'.repeat(10_000)],
  ])('with %s is a 401', async (_what, token) => {
    const headers = { ...JSON_TYPE, authorization: `Bearer ${await token}` };
    const answer = await sendBad(house, {
      method: 'POST',
      url: '/api/v1/orders',
      payload: JSON.stringify(ORDER),
      headers,
    });
    expect(answer).toMatchObject({ status: 401, code: 'TOKEN_INVALID' });
  });
  test.each(['', 'Bearer', 'Bearer ', 'Basic YWRtaW46YWRtaW4xMjM=', 'bearer'])(
    'header %j is a 401',
    async (authorization) => {
      const response = await house.app.inject({ url: '/api/v1/orders', headers: { authorization } });
      expect([response.statusCode, response.json().code]).toEqual([401, 'TOKEN_MISSING']);
      expect(response.headers['www-authenticate']).toBe('Bearer realm="itirp"');
    },
  );
});

describe('a path', () => {
  test.each([
    ['GET', '/nowhere', 404, 'ROUTE_UNKNOWN'],
    ['GET', '/api/v1/orders/a/b', 404, 'ROUTE_UNKNOWN'],
    ['GET', '/api/v1/../../etc/passwd', 404, 'ROUTE_UNKNOWN'],
    ['POST', '/api/v1/risk/limits', 405, 'METHOD_UNKNOWN'],
    ['PUT', '/api/v1/orders', 405, 'METHOD_UNKNOWN'],
    ['PATCH', '/api/v1/orders/x', 405, 'METHOD_UNKNOWN'],
    ['GET', '/api/v1/orders/%00', 404, 'ORDER_UNKNOWN'],
    ['GET', `/api/v1/orders/${'x'.repeat(5_000)}`, 404, 'ROUTE_UNKNOWN'],
    ['GET', '/api/v1/orders/%zz', 400, 'REQUEST_MALFORMED'],
    ['GET', '/%c0%ae%c0%ae/', 400, 'REQUEST_MALFORMED'],
    ['GET', "/api/v1/audit/order/'%20or%201=1/trail", 404, 'ORDER_UNKNOWN'],
    ['GET', '/api/v1/orders?limit[]=1', 422, 'BODY_INVALID'],
    ['GET', '/api/v1/orders?__proto__=1', 422, 'BODY_INVALID'],
    ['GET', '/api/v1/audit/events?limit=-1', 422, 'BODY_INVALID'],
    ['GET', '/api/v1/audit/events?limit=10001', 422, 'BODY_INVALID'],
    ['GET', '/api/v1/audit/events?limit=1e3', 422, 'BODY_INVALID'],
  ] as const)('%s %s is a problem of its own', async (method, url, status, code) => {
    expect(await sendBad(house, { method, url })).toMatchObject({ status, code });
  });
  test('of a known route says which methods it takes', async () => {
    const response = await house.app.inject({ method: 'PATCH', url: '/api/v1/risk/limits' });
    expect(response.headers.allow?.split(', ').sort()).toEqual(['GET', 'HEAD', 'PUT']);
  });
});

test('no body at all, however made, is ever our fault', { timeout: 60_000 }, async () => {
  const field = fc.constantFrom(
    'symbol',
    'side',
    'quantity',
    'price',
    'type',
    'strategy',
    'client_order_id',
    'junk',
  );
  const value = fc.oneof(
    fc.constantFrom('AAPL', 'BUY', 'SELL', 'LIMIT', 'MARKET', 100, 150.5, '100', '150.50'),
    fc.jsonValue({ maxDepth: 3 }),
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.bigInt().map(String),
  );
  const body = fc.oneof(
    fc.dictionary(field, value).map((fields) => JSON.stringify(fields)),
    fc.jsonValue().map((any) => JSON.stringify(any)),
    fc.string({ unit: 'binary' }),
  );
  const target = fc.constantFrom(
    ['POST', '/api/v1/orders'] as const,
    ['PUT', '/api/v1/risk/limits'] as const,
    ['POST', '/api/v1/risk/kill-switch?enabled=true'] as const,
    ['DELETE', '/api/v1/orders/0198c0de-0000-7000-8000-000000000000'] as const,
  );
  await fc.assert(
    fc.asyncProperty(body, target, async (payload, [method, url]) => {
      const headers = { ...JSON_TYPE, authorization: house.bearer('ADMIN') };
      const response = await house.app.inject({ method, url, payload, headers });
      expect(response.statusCode).toBeLessThan(500);
      expect(response.json()).toBeTypeOf('object');
    }),
    { numRuns: 500 },
  );
});
