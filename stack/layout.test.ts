import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { allLinks, choosePorts, Layout } from './layout.ts';
import { LOOPBACK } from './ports.ts';

const layoutOf = async (hasLinks: boolean): Promise<Layout> =>
  new Layout(3, hasLinks, await choosePorts(3, hasLinks, 25_000));

test('no two things share a port', async () => {
  const ports = Object.values(await choosePorts(3, true, 25_000));
  expect(new Set(ports).size).toBe(ports.length);
});

test('a row of ports with one that is taken is left for the next row', async () => {
  const first = await choosePorts(1, false, 26_000);
  const server = createServer().listen(first.redis, LOOPBACK);
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    const second = await choosePorts(1, false, first.haproxy ?? 0);
    expect(Object.values(second)).not.toContain(first.redis);
  } finally {
    server.close();
  }
});

test('without proxies a part finds another at its own port', async () => {
  const layout = await layoutOf(false);
  expect(layout.addressOf('api-1', 'redis')).toBe(`${LOOPBACK}:${layout.port('redis')}`);
  expect(layout.links).toEqual([]);
});

test('with proxies each way between two parts has a port of its own, that leads to the right door', async () => {
  const layout = await layoutOf(true);
  expect(layout.links).toHaveLength(allLinks(3).length);
  for (const { from, to, listenHost, listenPort, targetPort } of layout.links) {
    if (from.startsWith('kafka-')) continue;
    expect(layout.addressOf(from, to)).toBe(`${listenHost}:${listenPort}`);
    if (!to.startsWith('kafka-')) expect(targetPort).toBe(layout.port(to));
  }
});

test.skipIf(process.platform !== 'linux')(
  'each broker finds each other one by a proxy of its own',
  async () => {
    const layout = await layoutOf(true);
    const links = layout.links.filter(({ from }) => from.startsWith('kafka-'));
    expect(links.map(({ from, to }) => `${from} to ${to}`).toSorted()).toEqual([
      'kafka-1 to kafka-2 controller',
      'kafka-1 to kafka-2 inner',
      'kafka-1 to kafka-3 controller',
      'kafka-1 to kafka-3 inner',
      'kafka-2 to kafka-1 controller',
      'kafka-2 to kafka-1 inner',
      'kafka-2 to kafka-3 controller',
      'kafka-2 to kafka-3 inner',
      'kafka-3 to kafka-1 controller',
      'kafka-3 to kafka-1 inner',
      'kafka-3 to kafka-2 controller',
      'kafka-3 to kafka-2 inner',
    ]);
    for (const { from, to, listenHost, listenPort, targetPort } of links) {
      expect(layout.peersOf(from)?.[to.replace(/ .*/, '')]).toBe(listenHost);
      expect([listenPort, targetPort]).toEqual([layout.port(to), layout.port(to)]);
      expect(layout.peersOf(from)?.[from]).toBe(LOOPBACK);
    }
    const places = links.map(({ listenHost, listenPort }) => `${listenHost}:${listenPort}`);
    expect(new Set(places).size).toBe(places.length);
    expect((await layoutOf(false)).peersOf('kafka-1')).toBeUndefined();
  },
);

test('each client of a broker has a door of its own, for the broker tells all at one door the same address', async () => {
  const layout = await layoutOf(true);
  const doors = layout.links.filter(({ to }) => to === 'kafka-2').map(({ targetPort }) => targetPort);
  expect(new Set(doors).size).toBe(doors.length);
  expect(doors).not.toContain(layout.port('kafka-2'));
});
