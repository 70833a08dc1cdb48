/** Probes: what a supervisor and a load balancer hear of a node, at the API's door and at the small one. */
import { afterEach, expect, test } from 'vitest';
import { openMetrics } from '../../telemetry/metrics.ts';
import { Readiness } from '../../telemetry/readiness.ts';
import { buildHttp } from './app.ts';
import { drainAndClose } from './draining.ts';
import { ProbeDoor } from './probe-door.ts';
import { openSmallHouse } from './testing/small-house.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openProbeDoor(readiness: Readiness): Promise<string> {
  const door = new ProbeDoor({ readiness, metrics: openMetrics() });
  closing.push(() => door.close());
  return await door.listen({ host: '127.0.0.1', port: 0 });
}

async function openHouse(readiness: Readiness): Promise<string> {
  const { deps } = await openSmallHouse();

  const app = buildHttp({ ...deps, readiness });
  closing.push(() => app.close());
  return await app.listen({ host: '127.0.0.1', port: 0 });
}

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;

test.each([
  ['the API’s door', openHouse],
  ['the small door', openProbeDoor],
])('%s tells what stands in the way, and nothing once all is fine', async (_name, open) => {
  const readiness = new Readiness();
  readiness.set('start', 'starting');
  let isUp = false;
  readiness.watch('redis', () => (isUp ? undefined : 'Redis did not answer'));
  const url = await open(readiness);
  const response = await fetch(`${url}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    status: 'not ready',
    reasons: { start: 'starting', redis: 'Redis did not answer' },
  });
  readiness.set('start', undefined);
  isUp = true;
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' });
  expect(await (await fetch(`${url}/livez`)).json()).toEqual({ status: 'alive' });
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('orders_total');
  expect(await statusOf(`${url}/nowhere`)).toBe(404);
  expect((await fetch(`${url}/livez`, { method: 'POST' })).status).toBe(405);
});

test.each([
  ['the API’s door', openHouse],
  ['the small door', openProbeDoor],
])('%s says what is not as it should be, and is ready all the same', async (_name, open) => {
  const readiness = new Readiness();
  let isReached = false;
  const leave = readiness.note('bus', () => (isReached ? undefined : 'Kafka does not answer'));
  const ask = async () => await fetch(`${url}/readyz`);
  const url = await open(readiness);
  const noted = await ask();
  expect([noted.status, await noted.json()]).toEqual([
    200,
    { status: 'ready', notes: { bus: 'Kafka does not answer' } },
  ]);
  isReached = true;
  expect(await (await ask()).json()).toEqual({ status: 'ready' });
  isReached = false;
  leave();
  expect(await (await ask()).json()).toEqual({ status: 'ready' });
});

test('a draining door is not ready and serves, then hangs up after each answer, then closes', async () => {
  const { deps } = await openSmallHouse();

  const app = buildHttp(deps);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const closed = drainAndClose(app, deps.readiness, 400);
  expect(await statusOf(`${url}/readyz`)).toBe(503);
  const served = await fetch(`${url}/api/v1/health`);
  expect([served.status, served.headers.get('connection')]).toEqual([200, 'keep-alive']);
  await expect.poll(() => deps.readiness.isLeaving).toBe(true);
  const last = await fetch(`${url}/api/v1/health`);
  expect([last.status, last.headers.get('connection')]).toEqual([200, 'close']);
  await closed;
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
});

test('without a time to drain the door closes at once, and what is under way is answered', async () => {
  const { deps } = await openSmallHouse();

  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const journal = {
    head: async () => {
      asked.resolve();
      await answered.promise;
      return await deps.journal.head();
    },
  };
  const app = buildHttp({ ...deps, journal });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const underWay = statusOf(`${url}/api/v1/health`);
  await asked.promise;
  const closed = drainAndClose(app, deps.readiness, 0);
  answered.resolve();
  expect(await underWay).toBe(200);
  await closed;
});
