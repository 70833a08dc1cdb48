import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createRawServer, type Server as RawServer } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { selfSigned } from '../../test/certificate.ts';
import type { Answer, Operation } from './transport.ts';
import { HttpTransport } from './transport-http.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

async function listening(server: RawServer | Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  undo.push(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const serverOf = async (listener: RequestListener, host?: string): Promise<URL> => {
  const port = await listening(createServer(listener), host);
  return new URL(`http://${host === '::1' ? '[::1]' : '127.0.0.1'}:${port}`);
};

function transportTo(urls: readonly URL[], connectionsMax = 4, timeoutMs = 5_000): HttpTransport {
  const transport = new HttpTransport({ urls, connectionsMax, timeoutMs });
  undo.push(() => transport.close());
  return transport;
}

/** Sends `operation` as soon as there is room. */
async function ask(transport: HttpTransport, operation: Operation): Promise<Answer> {
  while (!transport.hasRoom()) await new Promise((resolve) => setTimeout(resolve, 1));
  return await new Promise((resolve) => transport.begin(operation, 'TOKEN', resolve));
}

const POSITIONS = { kind: 'positions' } as const;
const ORDER = {
  symbol: 'AAPL',
  side: 'BUY',
  type: 'LIMIT',
  quantity: '1',
  price: '150.25',
  clientOrderId: 'load-1',
} as const;

test('each operation is the request that API v1 knows, with the token, below the path of its address', async () => {
  const seen: unknown[] = [];
  const url = await serverOf((request, response) => {
    let body = '';
    request.on('data', (text) => (body += String(text)));
    request.on('end', () => {
      const { authorization } = request.headers;
      seen.push([request.method, request.url, authorization, body === '' ? undefined : JSON.parse(body)]);
      response.end(JSON.stringify({ order_id: 'O1', status: 'APPROVED' }));
    });
  });
  const transport = transportTo([new URL('/below/', url)]);
  const placed = await ask(transport, { kind: 'place', order: ORDER });
  await ask(transport, { kind: 'place', order: { ...ORDER, type: 'MARKET', price: undefined } });
  await ask(transport, { kind: 'cancel', orderId: 'O1' });
  await ask(transport, { kind: 'get', orderId: 'O1' });
  await ask(transport, POSITIONS);
  const body = { symbol: 'AAPL', side: 'BUY', quantity: '1', client_order_id: 'load-1' };
  expect(seen).toEqual([
    ['POST', '/below/api/v1/orders', 'Bearer TOKEN', { ...body, type: 'LIMIT', price: '150.25' }],
    ['POST', '/below/api/v1/orders', 'Bearer TOKEN', { ...body, type: 'MARKET' }],
    ['DELETE', '/below/api/v1/orders/O1', 'Bearer TOKEN', undefined],
    ['GET', '/below/api/v1/orders/O1', 'Bearer TOKEN', undefined],
    ['GET', '/below/api/v1/risk/positions', 'Bearer TOKEN', undefined],
  ]);
  expect(placed).toEqual({ kind: 'good', outcome: '200 APPROVED', orderId: 'O1', clientOrderId: undefined });
});

test.each([
  [
    200,
    { order_id: 'O', status: 'REJECTED', violations: [{ rule: 'POSITION_LIMIT' }] },
    'refused',
    '200 REJECTED POSITION_LIMIT',
  ],
  [202, { order_id: 'O', status: 'PENDING' }, 'failed', '202 PENDING'],
  [409, { code: 'CLIENT_ORDER_ID_DUPLICATE' }, 'refused', '409 CLIENT_ORDER_ID_DUPLICATE'],
  [429, { code: 'RATE_LIMITED' }, 'failed', '429 RATE_LIMITED'],
  [503, { code: 'SEQUENCER_BUSY' }, 'failed', '503 SEQUENCER_BUSY'],
  [502, '<html>Bad Gateway</html>', 'failed', '502'],
  [200, '<html>Welcome</html>', 'failed', '200'],
])('an answer of %i with %j is %s: %s', async (status, body, kind, outcome) => {
  const url = await serverOf((request, response) => {
    request.resume();
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  expect(await ask(transportTo([url]), { kind: 'place', order: ORDER })).toMatchObject({ kind, outcome });
});

test('addresses take turns, and one connection serves many requests', async () => {
  const counts = [0, 0];
  const sockets = new Set<unknown>();
  const serve =
    (i: number): RequestListener =>
    (request, response) => {
      counts[i] = (counts[i] ?? 0) + 1;
      sockets.add(request.socket);
      response.end('{}');
    };
  const urls = [await serverOf(serve(0)), await serverOf(serve(1), '::1')];
  const transport = transportTo(urls, 2);
  while (!transport.hasRoom()) await new Promise((resolve) => setTimeout(resolve, 1));
  const first = new Promise((resolve) => transport.begin(POSITIONS, '', resolve));
  await Promise.all([first, ask(transport, POSITIONS)]); // the first is under way: a second connection is made
  for (let i = 0; i < 20; i++) await ask(transport, POSITIONS);
  expect(counts).toEqual([11, 11]);
  expect(sockets.size).toBe(2);
});

test('https is spoken to whom the certificate authorities vouch for, and to nobody else', async () => {
  const { certificate, key } = selfSigned('localhost');
  const server = createSecureServer({ cert: certificate, key }, (_request, response) => response.end('{}'));
  const url = new URL(`https://localhost:${await listening(server)}`);
  const mistrusting = transportTo([url]);
  expect(mistrusting.hasRoom()).toBe(false);
  await expect
    .poll(() => [...mistrusting.troubles.keys()], { timeout: 10_000 })
    .toEqual(['DEPTH_ZERO_SELF_SIGNED_CERT']);

  const before = getCACertificates('default');
  undo.push(() => setDefaultCACertificates(before));
  setDefaultCACertificates([...before, certificate]);
  expect(await ask(transportTo([url]), POSITIONS)).toMatchObject({ kind: 'good', outcome: '200' });
});

describe('what goes wrong is heard, once, and the next request is served:', () => {
  test('no answer in time', async () => {
    let count = 0;
    const url = await serverOf((_request, response) => void (++count > 1 && response.end('{}')));
    const transport = transportTo([url], 1, 200);
    const began = performance.now();
    expect((await ask(transport, POSITIONS)).outcome).toBe('TIMEOUT');
    expect(performance.now() - began).toBeGreaterThan(190);
    expect((await ask(transport, POSITIONS)).outcome).toBe('200');
  });
  test('a server that hangs up in mid-answer', async () => {
    let count = 0;
    const url = await serverOf((request, response) => {
      if (++count > 1) return void response.end('{}');
      request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
    });
    const transport = transportTo([url], 1);
    expect((await ask(transport, POSITIONS)).outcome).toBe('CONNECTION_CLOSED');
    expect((await ask(transport, POSITIONS)).outcome).toBe('200');
  });
  test('a server that closes after its answer, or while we rest', async () => {
    const url = await serverOf((request, response) => {
      response.setHeader('connection', 'close').end('{}');
      request.socket.end();
    });
    const transport = transportTo([url], 1);
    for (let i = 0; i < 3; i++) expect((await ask(transport, POSITIONS)).outcome).toBe('200');
  });
  test('something that does not speak HTTP', async () => {
    const server = createRawServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.write('220 mail ready\r\n\r\n'));
    });
    const url = new URL(`http://127.0.0.1:${await listening(server)}`);
    expect((await ask(transportTo([url]), POSITIONS)).outcome).toBe('MalformedResponse');
  });
});

test('nobody there: no room, the reason is counted, and it is not tried again at once', async () => {
  const server = createRawServer();
  const port = await listening(server);
  server.close();
  const transport = transportTo([new URL(`http://127.0.0.1:${port}`)]);
  const endsAt = performance.now() + 500;
  while (performance.now() < endsAt) {
    expect(transport.hasRoom()).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const count = transport.troubles.get('ECONNREFUSED') ?? 0;
  expect(count).toBeGreaterThanOrEqual(1);
  expect(count).toBeLessThan(20);
});

test('closing tells whoever waits', async () => {
  const url = await serverOf(() => {});
  const transport = transportTo([url], 1);
  const answer = ask(transport, POSITIONS);
  await new Promise((resolve) => setTimeout(resolve, 50));
  transport.close();
  expect(await answer).toMatchObject({ kind: 'failed', outcome: 'HUNG_UP' });
});
