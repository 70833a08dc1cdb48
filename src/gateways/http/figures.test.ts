/** The door's figures: rate, errors and duration by route, from real requests, whatever their callers think of. */
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Client } from './testing/client.ts';
import { openSmallHouse, type SmallHouse } from './testing/small-house.ts';

const scrape = ({ deps }: SmallHouse): Promise<string> => deps.metrics.registry.metrics();
const orders = 'method="POST",route="/api/v1/orders"';

test('each answer is counted at its route’s pattern, with its status and its duration', async () => {
  const house = await openSmallHouse();
  const client = new Client(house);
  const { order_id: id } = await client.place();
  await client.place({ side: 'BOTH' });
  await client.ask('TRADER', 'GET', `/api/v1/orders/${id}?x=1`);
  await house.app.inject({ method: 'HEAD', url: '/livez' });
  const text = await scrape(house);
  expect(text).toContain(`http_requests_total{${orders},status="200"} 1`);
  expect(text).toContain(`http_requests_total{${orders},status="422"} 1`);
  expect(text).toContain('http_requests_total{method="GET",route="/api/v1/orders/:order_id",status="200"} 1');
  expect(text).toContain('http_requests_total{method="HEAD",route="/livez",status="200"} 1');
  expect(text).toContain(`http_request_duration_seconds_count{${orders}} 2`);
  expect(text).toContain(`http_request_duration_seconds_bucket{${orders},le="10"} 2`);
  const sum = /http_request_duration_seconds_sum\{method="POST",route="\/api\/v1\/orders"\} (\S+)/.exec(text);
  expect(Number(sum?.[1])).toBeGreaterThan(0);
  expect(text).toMatch(/^http_requests_in_flight 0$/m);
  expect(text).toMatch(/^http_problems_total\{code="BODY_INVALID"\} 1$/m);
});

test('what no route takes is one route, and a method that nobody knows is one method', async () => {
  const house = await openSmallHouse();
  const ask = (method: string, url: string) => house.app.inject({ method: method as 'GET', url });
  await ask('GET', '/made/up');
  await ask('DELETE', '/api/v1/orders');
  await ask('PROPFIND', '/another');
  await ask('GET', '/%zz');
  await ask('GET', `/api/v1/orders/${'a'.repeat(200)}`);
  const text = await scrape(house);
  const lines = text.split('\n').filter((line) => line.startsWith('http_requests_total'));
  expect(lines.sort()).toEqual([
    'http_requests_total{method="DELETE",route="unmatched",status="405"} 1',
    'http_requests_total{method="GET",route="unmatched",status="400"} 1',
    'http_requests_total{method="GET",route="unmatched",status="404"} 2',
    'http_requests_total{method="other",route="unmatched",status="404"} 1',
  ]);
});

test('a request under way is in flight, and one whose caller hung up is counted once, as 499', async () => {
  const house = await openSmallHouse();
  const gate = Promise.withResolvers<void>();
  const { order } = house.reads;
  house.reads.order = async (id) => {
    await gate.promise;
    return order.call(house.reads, id);
  };
  await house.app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((house.app.server.address() as { port: number }).port, '127.0.0.1');
  const id = '0198c0de-0000-7000-8000-000000000000';
  const headers = `host: x\r\nauthorization: ${house.bearer('TRADER')}`;
  socket.write(`GET /api/v1/orders/${id} HTTP/1.1\r\n${headers}\r\n\r\n`);
  await expect.poll(() => scrape(house)).toMatch(/^http_requests_in_flight 1$/m);
  socket.destroy();
  await expect.poll(() => scrape(house)).toMatch(/^http_requests_in_flight 0$/m);
  gate.resolve();
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  const text = await scrape(house);
  const lines = text.split('\n').filter((line) => line.startsWith('http_requests_total'));
  expect(lines).toEqual([
    'http_requests_total{method="GET",route="/api/v1/orders/:order_id",status="499"} 1',
  ]);
  expect(text).toMatch(/^http_requests_in_flight 0$/m);
  await house.app.close();
});

test('bytes that are no request are counted too, and a request while we close leaves nothing in flight', async () => {
  const house = await openSmallHouse();
  await house.app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((house.app.server.address() as { port: number }).port, '127.0.0.1');
  socket.write('NONSENSE\r\n\r\n');
  await expect
    .poll(() => scrape(house))
    .toMatch(/^http_requests_total\{method="other",route="unmatched",status="400"\} 1$/m);
  socket.destroy();
  await house.app.close();
  expect(await scrape(house)).toMatch(/^http_requests_in_flight 0$/m);
});

test('a login is counted by its outcome', async () => {
  const house = await openSmallHouse({ hasPasswords: true });
  const logIn = (password: string) =>
    house.app.inject({
      method: 'POST',
      url: '/api/v1/auth/login',
      payload: { username: 'trader1', password },
    });
  await logIn('trader123');
  await logIn('wrong-one');
  const text = await scrape(house);
  expect(text).toMatch(/^logins_total\{outcome="granted"\} 1$/m);
  expect(text).toMatch(/^logins_total\{outcome="refused"\} 1$/m);
});
