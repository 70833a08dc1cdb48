/** Every route times every role, walked from the OpenAPI document: who may, and who is told what. */
import { duplexPair } from 'node:stream';
import fastify from 'fastify';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROLES } from '../../access/permissions.ts';
import { guardRoutes } from './guard.ts';
import { ORDER } from './testing/client.ts';
import { openSmallHouse, type SmallHouse } from './testing/small-house.ts';

/** The contract's table. Letters: Trader, Risk manager, Compliance, Admin; `*` also without a token. */
const WHO: Readonly<Record<string, string>> = {
  'POST /api/v1/auth/login': '*',
  'POST /api/v1/auth/refresh': '*',
  'POST /api/v1/auth/logout': 'TRCA',
  'POST /api/v1/orders': 'TA',
  'GET /api/v1/orders': 'TRCA',
  'GET /api/v1/orders/{order_id}': 'TRCA',
  'DELETE /api/v1/orders/{order_id}': 'TA',
  'GET /api/v1/risk/metrics': 'TRCA',
  'GET /api/v1/risk/limits': 'RCA',
  'PUT /api/v1/risk/limits': 'RA',
  'POST /api/v1/risk/kill-switch': 'RCA',
  'GET /api/v1/risk/positions': 'TRCA',
  'GET /api/v1/audit/events': 'CA',
  'GET /api/v1/audit/correlation/{correlation_id}': 'CA',
  'GET /api/v1/audit/order/{order_id}/trail': 'CA',
  'GET /api/v1/health': '*',
  'GET /api/v1/metrics': 'TRCA',
  'GET /api/v1/market/quotes': 'TRCA',
  'GET /': '*',
};

interface Operation {
  readonly security?: unknown;
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

let house: SmallHouse;
let document: Document;
beforeAll(async () => {
  house = await openSmallHouse();
  document = (await house.app.inject('/openapi.json')).json();
});

const operations = (): readonly (readonly [string, Operation])[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
    ),
  );

/** Asks with a body and a query that validate nowhere, so that only the guard can answer 401 or 403. */
async function ask(name: string, authorization: string | undefined): Promise<number> {
  const [method = '', path = ''] = name.split(' ');
  const url = path.replaceAll(/\{[^}]+\}/g, 'x');
  const headers = authorization === undefined ? {} : { authorization };
  const payload = method === 'GET' ? undefined : { nonsense: true };
  const request = { method: method as 'GET', url, headers };
  const response = await house.app.inject(payload === undefined ? request : { ...request, payload });
  if (response.statusCode >= 400) {
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.json()).toMatchObject({ status: response.statusCode, detail: expect.any(String) });
  }
  return response.statusCode;
}

test('the document is OpenAPI 3.1 and lists exactly the routes of the contract', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(
    operations()
      .map(([name]) => name)
      .sort(),
  ).toEqual(Object.keys(WHO).sort());
});

test('every reference in the document leads to a named schema, and none of our own keywords is left', () => {
  const text = JSON.stringify(document);
  const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
    ([, name]) => name ?? '',
  );
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => document.components.schemas[name] === undefined)).toEqual([]);
  expect(text).not.toMatch(/"(decimal|queryInteger|queryBoolean)":/);
  expect(document.components.schemas.OrderRequest).toMatchObject({
    properties: { quantity: { type: ['number', 'string'] }, strategy: { default: 'default' } },
    additionalProperties: false,
  });
});

test('every operation says what it answers, problems included', () => {
  for (const [name, { responses, security }] of operations()) {
    expect(Object.keys(responses), name).toContain('200');
    if (WHO[name] === '*') expect(security, name).toBeUndefined();
    else expect(Object.keys(responses), name).toEqual(expect.arrayContaining(['401', '403', '429', '503']));
  }
});

describe.each(Object.entries(WHO))('%s is open to %s', (name, allowed) => {
  test('without a token', async () => {
    const status = await ask(name, undefined);
    if (allowed === '*') expect([401, 403]).not.toContain(status);
    else expect(status).toBe(401);
  });
  test.each(ROLES)('as %s', async (role) => {
    const status = await ask(name, house.bearer(role));
    if (allowed === '*' || allowed.includes(role.slice(0, 1))) expect([401, 403]).not.toContain(status);
    else expect(status).toBe(403);
  });
  test('with a token that is none', async () => {
    const status = await ask(name, 'Bearer nonsense');
    if (allowed === '*') expect([401, 403]).not.toContain(status);
    else expect(status).toBe(401);
  });
});

test('all that walking brought nothing before the engine', () => {
  expect(house.engine.submitted.map(({ command }) => command.type)).toEqual([]);
});

test('a disabled user is out, whatever the token says', async () => {
  const own = await openSmallHouse();
  const request = { url: '/api/v1/risk/metrics', headers: { authorization: own.bearer('trader2') } };
  expect((await own.app.inject(request)).statusCode).toBe(200);
  await own.users.disable('trader2' as never);
  await own.directory.refresh();
  expect((await own.app.inject(request)).statusCode).toBe(401);
});

test('a route that does not say who may use it stops the start', () => {
  const app = fastify();
  guardRoutes(app, house.deps);
  expect(() => app.get('/open', () => 'to all')).toThrow('GET /open says who may use it');
  expect(() => app.get('/shut', { config: { access: 'ReadAudit' } }, () => 'to some')).not.toThrow();
});

test.each([
  [false, '127.0.0.1'],
  [true, '203.0.113.7'],
])(
  'with a proxy trusted (%s) an order comes from %s, whatever its client says',
  async (trustProxy, origin) => {
    const house = await openSmallHouse({ trustProxy });
    const headers = { authorization: house.bearer('TRADER'), 'x-forwarded-for': 'made up, 203.0.113.7' };
    await house.app.inject({ method: 'POST', url: '/api/v1/orders', headers, payload: ORDER });
    expect(house.engine.submitted[0]?.by.origin).toBe(origin);
  },
);

test('whoever has hung up before it was seen where he called from brings nothing before the engine', async () => {
  const house = await openSmallHouse();
  await house.app.ready();
  const payload = JSON.stringify(ORDER);
  const head = [
    'POST /api/v1/orders HTTP/1.1',
    'host: itirp',
    `authorization: ${house.bearer('TRADER')}`,
    'content-type: application/json',
    `content-length: ${payload.length}`,
    'connection: close',
  ].join('\r\n');
  const [client, gone] = duplexPair(); // a socket that is gone has no address either
  house.app.server.emit('connection', gone);
  client.end(`${head}\r\n\r\n${payload}`);
  const answer = (await client.toArray()).join('');
  expect(answer).toContain('CALLER_GONE');
  expect(house.engine.submitted).toEqual([]);
});
