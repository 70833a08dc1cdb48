/** A link that can be made to fail fails as it is told, and is whole again when it is healed. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Address } from './fault-proxy.ts';
import { Network } from './network.ts';

let server: Server;
let target: Address;
let network: Network;
let port: number;
let heardByServer: string;
const sockets = new Set<Socket>();

/** Answers each line with the same line in capitals. */
beforeEach(async () => {
  heardByServer = '';
  server = createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding('utf8').on('data', (text: string) => {
      heardByServer += text;
      socket.write(text.toUpperCase());
    });
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  target = { host: '127.0.0.1', port: address.port };
  network = await Network.start();
  port = await network.open('echo', target);
});
afterEach(() => {
  network.stop();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server.close();
});

class Caller {
  heard = '';
  /** How it ended; undefined while it lives. */
  ended: string | undefined;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    sockets.add(socket);
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.heard += text;
    });
    socket.on('error', ({ message }) => {
      this.ended = message;
    });
    socket.on('close', () => {
      this.ended ??= 'closed';
    });
  }
  static async call(): Promise<Caller> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    return new Caller(socket);
  }
  say(text: string): void {
    this.socket.write(text);
  }
}

test('a whole link carries both ways, and its figures say how much', async () => {
  const caller = await Caller.call();
  caller.say('hello');
  await expect.poll(() => caller.heard).toBe('HELLO');
  expect(await network.figures('echo')).toEqual({ connections: 1, bytesToServer: 5, bytesToClient: 5 });
});

test('large amounts arrive whole and in order, and both ends learn of the end', async () => {
  const caller = await Caller.call();
  const text = Array.from({ length: 200_000 }, (_, n) => `line ${n}`).join('\n');
  caller.socket.end(text);
  await expect.poll(() => caller.heard.length, { timeout: 10_000 }).toBe(text.length);
  expect(caller.heard).toBe(text.toUpperCase());
  await expect.poll(() => caller.ended).toBe('closed');
});

describe('a cut link', () => {
  test('both ways: nothing arrives, nobody is told, and all of it arrives once healed', async () => {
    const caller = await Caller.call();
    caller.say('before ');
    await expect.poll(() => caller.heard).toBe('BEFORE ');
    await network.setFault('echo', { kind: 'cut', way: 'both' });
    caller.say('during');
    const late = await Caller.call();
    late.say('late');
    await network.figures('echo'); // a round through the proxy's process
    expect([caller.heard, heardByServer, late.heard]).toEqual(['BEFORE ', 'before ', '']);
    expect([caller.ended, late.ended]).toEqual([undefined, undefined]);
    await network.heal();
    await expect.poll(() => [caller.heard, late.heard]).toEqual(['BEFORE DURING', 'LATE']);
  });
  test('only to the client: the server hears, and its answers do not come', async () => {
    const caller = await Caller.call();
    await network.setFault('echo', { kind: 'cut', way: 'toClient' });
    caller.say('asked');
    await expect.poll(() => heardByServer).toBe('asked');
    await network.figures('echo');
    expect(caller.heard).toBe('');
    await network.heal();
    await expect.poll(() => caller.heard).toBe('ASKED');
  });
  test('only to the server: what the server says comes, and it hears nothing', async () => {
    const caller = await Caller.call();
    caller.say('a');
    await expect.poll(() => caller.heard).toBe('A');
    await network.setFault('echo', { kind: 'cut', way: 'toServer' });
    caller.say('b');
    for (const socket of sockets) if (socket !== caller.socket) socket.write('news');
    await expect.poll(() => caller.heard).toBe('Anews');
    expect(heardByServer).toBe('a');
  });
  test('an end that breaks off during the cut is heard of after it', async () => {
    const caller = await Caller.call();
    caller.say('x');
    await expect.poll(() => caller.heard).toBe('X');
    await network.setFault('echo', { kind: 'cut', way: 'both' });
    for (const socket of sockets) if (socket !== caller.socket) socket.resetAndDestroy();
    await network.figures('echo');
    expect(caller.ended).toBeUndefined();
    await network.heal();
    await expect.poll(() => caller.ended).toBeDefined();
  });
});

test('a reset link breaks what is there and refuses what comes, until it is healed', async () => {
  const caller = await Caller.call();
  caller.say('x');
  await expect.poll(() => caller.heard).toBe('X');
  await network.setFault('echo', { kind: 'reset' });
  await expect.poll(() => caller.ended).toMatch(/ECONNRESET|closed/);
  const refused = await Caller.call().catch(({ message }: Error) => ({ ended: message })); // or before it is a caller
  await expect.poll(() => refused.ended).toMatch(/ECONNRESET|closed/);
  await network.heal();
  const again = await Caller.call();
  again.say('y');
  await expect.poll(() => again.heard).toBe('Y');
});

test('a slow link lets everything through, late and in order', async () => {
  const caller = await Caller.call();
  await network.setFault('echo', { kind: 'slow', latencyMs: 150, bytesPerSecond: 10_000 });
  const began = performance.now();
  caller.say('1');
  caller.say('2');
  await expect.poll(() => caller.heard, { timeout: 5_000, interval: 5 }).toBe('12');
  expect(performance.now() - began).toBeGreaterThan(290); // there and back: a bound from below, never from above
});

test('a server that is away is an end for the caller', async () => {
  server.close();
  for (const socket of sockets) socket.destroy();
  const caller = await Caller.call();
  await expect.poll(() => caller.ended).toBeDefined();
});

test('a link that nobody opened is no link', async () => {
  await expect(network.setFault('nowhere', { kind: 'reset' })).rejects.toThrow('there is no link nowhere');
});
