import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Haproxy } from './haproxy.ts';
import { bringUp } from './part.ts';
import { freePorts, LOOPBACK } from './ports.ts';
import { scratchFolder } from './scratch.ts';

/** A node as the load balancer sees one: ready or not, and it answers or hangs up. */
class Node {
  isReady = true;
  /** Reads a request to its end and hangs up without a word. */
  hangsUp = false;
  readonly seen: { readonly method: string; readonly forwardedFor: string }[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<Node> {
    const node = new Node();
    node.#server.listen(0, LOOPBACK);
    await once(node.#server, 'listening');
    onTestFinished(() => node.die());
    return node;
  }

  get address(): string {
    return `${LOOPBACK}:${(this.#server.address() as AddressInfo).port}`;
  }

  die(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === '/readyz') {
      response.writeHead(this.isReady ? 200 : 503).end();
      return;
    }
    this.seen.push({
      method: request.method ?? '',
      forwardedFor: String(request.headers['x-forwarded-for']),
    });
    request.resume().once('end', () => {
      if (this.hangsUp) request.socket.destroy();
      else response.end('here');
    });
  }
}

async function balanced(): Promise<{ url: string; nodes: readonly [Node, Node, Node]; balancer: Haproxy }> {
  const nodes = [await Node.start(), await Node.start(), await Node.start()] as const;
  const [port = 0, statsPort = 0] = await freePorts(2);
  const addresses = nodes.map(({ address }) => address);
  const balancer = await Haproxy.open({ folder: await scratchFolder(), port, statsPort, nodes: addresses });
  onTestFinished(() => balancer.daemon.kill());
  await bringUp(balancer);
  for (const { seen } of nodes) seen.length = 0; // what asked whether anybody answers
  return { url: `http://${LOOPBACK}:${port}`, nodes, balancer };
}

const call = async (url: string, method: string, headers: Record<string, string> = {}): Promise<number> =>
  (await fetch(`${url}/orders`, { method, headers, body: method === 'GET' ? null : '{}' })).status;

test('a node that dies is not noticed by callers: what did not reach it goes to another', async () => {
  const { url, nodes } = await balanced();
  nodes[1].die();
  const statuses: number[] = [];
  for (let i = 0; i < 30; i += 1) statuses.push(await call(url, i % 2 === 0 ? 'POST' : 'GET'));
  expect(new Set(statuses)).toEqual(new Set([200]));
});

test('an order that a node may have read is never sent a second time', async () => {
  const { url, nodes } = await balanced();
  for (const node of nodes) node.hangsUp = true;
  expect(await call(url, 'POST')).toBe(502);
  expect(nodes.flatMap(({ seen }) => seen)).toHaveLength(1);
});

test('a read that got no answer is asked of another node', async () => {
  const { url, nodes } = await balanced();
  nodes[0].hangsUp = true;
  nodes[1].hangsUp = true;
  expect(await call(url, 'GET')).toBe(200);
});

test('a node that says it is not ready gets no more requests, and still answers what comes', async () => {
  const { url, nodes, balancer } = await balanced();
  nodes[2].isReady = false;
  const isDown = async (): Promise<boolean> =>
    (await balancer.command('show stat -1 4 -1'))
      .split('\n')
      .some((line) => /^api,api-3,.*,DOWN,/.test(line));
  await expect.poll(isDown, { timeout: 10_000, interval: 50 }).toBe(true);
  const before = nodes[2].seen.length;
  for (let i = 0; i < 12; i += 1) expect(await call(url, 'POST')).toBe(200);
  expect(nodes[2].seen).toHaveLength(before);
});

test('callers cannot say who they are: the address is the one they come from', async () => {
  const { url, nodes } = await balanced();
  await call(url, 'GET', { 'x-forwarded-for': '203.0.113.7' });
  expect(nodes.flatMap(({ seen }) => seen)).toEqual([{ method: 'GET', forwardedFor: LOOPBACK }]);
});

test.each(['/metrics', '/%6Detrics', '/livez', '/liv%65z?x', '/readyz'])(
  '%s is for operators alone',
  async (path) => {
    const { url, nodes } = await balanced();
    expect((await fetch(`${url}${path}`)).status).toBe(404);
    expect(nodes.flatMap(({ seen }) => seen)).toEqual([]);
  },
);
