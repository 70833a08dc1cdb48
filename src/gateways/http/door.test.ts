/** The door itself: logins as facts, limits, freshness, broken sockets, closing, and what is said when all goes wrong. */
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../faults/fault.ts';
import { openLog } from '../../telemetry/log.ts';
import { buildHttp } from './app.ts';
import { Client, ORDER } from './testing/client.ts';
import { openSmallHouse, type SmallHouse } from './testing/small-house.ts';

const login = (house: SmallHouse, username: string, password: string) =>
  house.app.inject({ method: 'POST', url: '/api/v1/auth/login', payload: { username, password } });

describe('a login', () => {
  test('answers a bearer token that opens the door, and is a fact', async () => {
    const house = await openSmallHouse({ hasPasswords: true });
    const response = await login(house, 'trader1', 'trader123');
    expect(response.json()).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'bearer',
      expires_in: 1_800,
      refresh_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refresh_expires_in: 43_200,
    });
    const headers = { authorization: `bearer ${response.json().access_token}` };
    expect((await house.app.inject({ url: '/api/v1/risk/metrics', headers })).statusCode).toBe(200);
    expect(house.engine.submitted).toMatchObject([
      {
        command: { type: 'RecordAccess', what: 'LoggedIn', subject: 'trader1' },
        by: { user: 'trader1', origin: '127.0.0.1' },
      },
    ]);
  });
  test('that fails is a fact too, without the password, and the sixth is slowed down', async () => {
    const house = await openSmallHouse({ hasPasswords: true });
    for (const name of ['trader1', 'nobody', "'; drop table users"]) {
      const response = await login(house, name, 'hunter2');
      expect([response.statusCode, response.json().code]).toEqual([401, 'CREDENTIALS_INVALID']);
    }
    const refusals = house.engine.submitted.map(({ command, by }) => [command, by.user]);
    expect(refusals).toMatchObject([
      [{ what: 'LoginRefused', subject: 'trader1' }, 'anonymous'],
      [{ what: 'LoginRefused', subject: 'nobody' }, 'anonymous'],
      [{ what: 'LoginRefused', subject: "'; drop table users" }, 'anonymous'],
    ]);
    expect(JSON.stringify(house.engine.submitted)).not.toContain('hunter2');
    for (let i = 0; i < 4; i++) await login(house, 'trader1', 'wrong');
    const slowed = await login(house, 'trader1', 'trader123');
    expect([slowed.statusCode, slowed.json().code]).toEqual([429, 'LOGIN_THROTTLED']);
    expect(Number(slowed.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  });
  test('nobody could write down is no login', async () => {
    const house = await openSmallHouse({ hasPasswords: true });
    house.engine.trouble = new Fault('JOURNAL_UNAVAILABLE');
    const response = await login(house, 'trader1', 'trader123');
    expect([response.statusCode, response.json().access_token]).toEqual([503, undefined]);
  });
});

describe('too many requests', () => {
  const look = (house: SmallHouse, who: 'TRADER' | 'trader2') =>
    house.app.inject({ url: '/api/v1/risk/metrics', headers: { authorization: house.bearer(who) } });

  test('of one user are a 429 with Retry-After, and no one else suffers', async () => {
    const house = await openSmallHouse({ perMinute: 3 });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await look(house, 'TRADER')).statusCode);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await look(house, 'TRADER');
    expect(refused.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect((await look(house, 'trader2')).statusCode).toBe(200);
  });
  test('of one address without a good token are a 429, whatever they ask', async () => {
    const house = await openSmallHouse({ perMinute: 3 });
    const bad = { authorization: 'Bearer nonsense' };
    expect((await house.app.inject('/nowhere')).statusCode).toBe(404);
    expect((await house.app.inject({ url: '/api/v1/orders', headers: bad })).statusCode).toBe(401);
    expect((await house.app.inject('/api/v1/orders')).statusCode).toBe(401);
    for (const url of ['/nowhere', '/api/v1/orders', '/', '/openapi.json', '/docs/']) {
      const response = await house.app.inject(url);
      expect([url, response.statusCode, response.json().code]).toEqual([url, 429, 'RATE_LIMITED']);
    }
    expect((await house.app.inject({ url: '/api/v1/orders', headers: bad })).statusCode).toBe(429);
    expect((await look(house, 'TRADER')).statusCode).toBe(200);
    expect((await house.app.inject('/api/v1/health')).statusCode).toBe(200);
  });
});

describe('reads after writes', () => {
  test('wait for the read models, and say so when one’s own write is not in them', async () => {
    const house = await openSmallHouse();
    const client = new Client(house);
    await client.ask('TRADER', 'POST', '/api/v1/orders', ORDER);
    house.reads.lag = 1;
    const behind = await client.ask('TRADER', 'GET', '/api/v1/orders');
    expect([behind.status, behind.body.code, behind.headers['retry-after']]).toEqual([
      503,
      'PROJECTION_BEHIND',
      '1',
    ]);
    expect((await client.ask('trader2', 'GET', '/api/v1/orders')).status).toBe(200); // wrote nothing
    house.reads.lag = 0;
    expect((await client.ask('TRADER', 'GET', '/api/v1/orders')).body.total).toBe(1);
  });
});

describe('when the house is in trouble', () => {
  test.each(['SEQUENCER_BUSY', 'SEQUENCER_STOPPED', 'JOURNAL_UNAVAILABLE'] as const)(
    '%s is a 503 with Retry-After',
    async (code) => {
      const house = await openSmallHouse();
      house.engine.trouble = new Fault(code);
      const { status, body, headers } = await new Client(house).ask(
        'TRADER',
        'POST',
        '/api/v1/orders',
        ORDER,
      );
      expect([status, body.code, headers['retry-after']]).toEqual([503, code, '1']);
    },
  );
  test('a bug is a 500 that tells nothing, and a log line that tells all but the secrets', async () => {
    const lines: string[] = [];
    const house = await openSmallHouse();
    const log = openLog('info', { write: (line) => void lines.push(line) });
    house.reads.orders = () => Promise.reject(new TypeError('row.secret is not a function'));
    const app = buildHttp({ ...house.deps, log });
    const headers = { authorization: house.bearer('TRADER') };
    const response = await app.inject({ url: '/api/v1/orders', headers });
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({
      type: 'urn:itirp:fault:INTERNAL',
      title: 'Internal Server Error',
      status: 500,
      detail: 'something unforeseen went wrong; it has been logged',
      code: 'INTERNAL',
      correlation_id: response.headers['x-correlation-id'],
    });
    const [line] = lines.map((text) => JSON.parse(text));
    expect(line).toMatchObject({ level: 'error', correlationId: response.headers['x-correlation-id'] });
    expect(line.err.message).toBe('row.secret is not a function');
    expect(lines.join('')).not.toContain(headers.authorization.slice(7));
    await app.close();
  });
});

describe('browsers', () => {
  test('are told to keep, frame and run nothing', async () => {
    const { app } = await openSmallHouse();
    const { headers } = await app.inject('/api/v1/health');
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['strict-transport-security']).toBeUndefined(); // it came over plain HTTP
  });
  test('that come over TLS are told to come so for a year', async () => {
    const { app } = await openSmallHouse({ trustProxy: true });
    const ask = { url: '/api/v1/health', headers: { 'x-forwarded-proto': 'https' } };
    const { headers } = await app.inject(ask);
    expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  });
  test('from an allowed origin may ask, from another may not', async () => {
    const { app } = await openSmallHouse({ allowedOrigins: ['https://desk.example'] });
    const preflight = (origin: string) =>
      app.inject({
        method: 'OPTIONS',
        url: '/api/v1/orders',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const allowed = await preflight('https://desk.example');
    expect([allowed.statusCode, allowed.headers['access-control-allow-origin']]).toEqual([
      204,
      'https://desk.example',
    ]);
    const refused = await preflight('https://evil.example');
    expect(refused.headers['access-control-allow-origin']).not.toBe('https://evil.example');
  });
  test('are shown the documentation, under a policy that lets it run', async () => {
    const { app } = await openSmallHouse();
    const page = await app.inject('/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('swagger-ui');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    const start = await app.inject('/docs/static/swagger-initializer.js');
    const logo = /image\/svg\+xml;base64,([^']+)'/.exec(start.body)?.[1] ?? '';
    expect(Buffer.from(logo, 'base64').toString()).toContain('ITIRP');
    const script = await app.inject('/docs/static/swagger-ui-bundle.js');
    expect(script.statusCode).toBe(200);
  });
});

/** A raw connection and everything that comes back on it. */
async function dial(house: SmallHouse): Promise<{ socket: Socket; answer: Promise<string> }> {
  await house.app.listen({ port: 0, host: '127.0.0.1' });
  const address = house.app.server.address();
  const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  const answer = (async () => {
    let text = '';
    for await (const chunk of socket) text += chunk;
    return text;
  })();
  return { socket, answer };
}

describe('on the wire', () => {
  test.each([
    ['noise', 'this is no HTTP\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    [
      'a header without end',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'smuggled chunks',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
      'REQUEST_MALFORMED',
    ],
  ])('%s is a problem document and a closed connection', async (_what, bytes, status, code) => {
    const house = await openSmallHouse();
    const { socket, answer } = await dial(house);
    socket.write(bytes);
    const text = await answer;
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code, status });
    await house.app.close();
  });

  test('closing answers what is under way, turns the next away, and ends', async () => {
    const house = await openSmallHouse();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const submit = house.engine.submit.bind(house.engine);
    house.engine.submit = async (...order) => {
      await gate;
      return submit(...order);
    };
    const { socket, answer } = await dial(house);
    const body = JSON.stringify(ORDER);
    const request = (line: string): string =>
      `${line} HTTP/1.1\r\nhost: x\r\nauthorization: ${house.bearer('TRADER')}\r\n`;
    const order = `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    socket.write(request('POST /api/v1/orders') + order);
    await expect.poll(() => house.app.server.listening).toBe(true);
    while ((await requestsInFlight(house)) === 0) await setImmediate();
    const closed = house.app.close();
    await setImmediate();
    socket.write(`${request('GET /api/v1/orders')}\r\n`);
    await setImmediate();
    open();
    await closed;
    const text = await answer;
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toContain('"status":"APPROVED"');
    expect(text).toContain('}HTTP/1.1 503 ');
    expect(text).toContain('"code":"NOT_READY"');
    expect(house.engine.submitted).toHaveLength(1);
  });

  test('closing does not wait for a client that keeps its connection and says no more', async () => {
    const house = await openSmallHouse();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const { order } = house.reads;
    house.reads.order = async (id) => {
      await gate;
      return order.call(house.reads, id);
    };
    const { socket, answer } = await dial(house);
    const id = '0198c0de-0000-7000-8000-000000000000';
    const headers = `host: x\r\nauthorization: ${house.bearer('TRADER')}`;
    socket.write(`GET /api/v1/orders/${id} HTTP/1.1\r\n${headers}\r\n\r\n`);
    while ((await requestsInFlight(house)) === 0) await setImmediate();
    const closed = house.app.close();
    await setImmediate();
    open();
    await closed; // in well under the 75 seconds of keep-alive, or this test runs out of time
    expect(await answer).toMatch(/^HTTP\/1\.1 404 /);
  });
});

async function requestsInFlight({ deps }: SmallHouse): Promise<number> {
  const { values } = await deps.metrics.httpInFlight.get();
  return values[0]?.value ?? 0;
}
