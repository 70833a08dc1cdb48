/** `itirp health` against doors of every kind: it asks as a container's health check does, with settings and nothing else. */
import { expect, onTestFinished, test } from 'vitest';
import { Folder, itirp, Server } from '../../test/server.ts';
import { ProbeDoor } from '../gateways/http/probe-door.ts';
import { openMetrics } from '../telemetry/metrics.ts';
import { Readiness } from '../telemetry/readiness.ts';

/** The door of a node without an API, and what it says of itself. */
async function probeDoor(host: string): Promise<{ readiness: Readiness; settings: Record<string, string> }> {
  const readiness = new Readiness();
  const door = new ProbeDoor({ readiness, metrics: openMetrics() });
  onTestFinished(() => door.close());
  const { port } = new URL(await door.listen({ host, port: 0 }));
  return { readiness, settings: { HOST: host, PORT: port } };
}

test.each(['127.0.0.1', '0.0.0.0', '::', '::1'])(
  'a node without an API on %s is asked whether it is ready',
  async (host) => {
    const { readiness, settings } = await probeDoor(host);
    expect(await itirp(['health'], settings)).toEqual({ code: 0, output: '{"status":"ready"}\n' });
    readiness.set('journal', 'it does not answer');
    const unready = await itirp(['health'], settings);
    expect([unready.code, unready.output]).toEqual([1, expect.stringContaining('it does not answer')]);
  },
);

test('a platform with an API says how each of its parts is', async () => {
  const folder = await Folder.make();
  onTestFinished(() => folder.remove());
  const server = await Server.start(['--demo'], { DATA_DIR: folder.path, HOST: '0.0.0.0' });
  onTestFinished(async () => void (await server.end('SIGTERM')));
  const { port } = new URL(server.url);
  const { code, output } = await itirp(['health'], { HOST: '0.0.0.0', PORT: port });
  expect([code, output]).toEqual([0, expect.stringContaining('"event_store":"operational"')]);
});

test('where nobody listens it says so, and that is not healthy', async () => {
  const { code, output } = await itirp(['health'], { HOST: '0.0.0.0', PORT: '1' });
  expect([code, output]).toEqual([1, expect.stringContaining('nobody answers at http://127.0.0.1:1')]);
});
