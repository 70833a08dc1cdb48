import { once } from 'node:events';
import { createServer, type RequestListener, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Crew } from './crew.ts';

const GET = 'GET / HTTP/1.1\r\nhost: bench\r\n\r\n';

async function serverOf(answer: RequestListener, options: ServerOptions = {}): Promise<URL> {
  const server = createServer(options, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

async function crewOf(url: URL): Promise<Crew> {
  const crew = await Crew.open(url, 2);
  onTestFinished(() => crew.close());
  return crew;
}

test('every connection is answered, again and again', async () => {
  const crew = await crewOf(await serverOf((_request, response) => response.end('{}')));
  const { promise, resolve } = Promise.withResolvers<number>();
  let answered = 0;
  crew.onAnswer = (isOk, connection) => {
    if (isOk && ++answered === 10) return resolve(answered);
    connection.send(GET);
  };
  for (const connection of crew.connections) connection.send(GET);

  expect(await Promise.race([promise, crew.lost])).toBe(10);
});

test('a server that hangs up on whoever rests too long is heard of, not waited for', async () => {
  const hasty = { headersTimeout: 50, connectionsCheckingInterval: 20 };
  const crew = await crewOf(await serverOf((_request, response) => response.end(), hasty));

  await expect(Promise.race([crew.lost, sleep(5_000)])).rejects.toThrow(/a connection was lost: \w/);
});

test('a server that hangs up in the middle of a request is heard of, too', async () => {
  const crew = await crewOf(await serverOf((request) => request.socket.destroy()));
  crew.connections[0]?.send(GET);

  await expect(crew.lost).rejects.toThrow('a connection was lost: CONNECTION_CLOSED');
});

test('a server that takes its leave with an answer is heard of: nothing more may be sent', async () => {
  const farewell: RequestListener = (_request, response) => {
    response.writeHead(503, { connection: 'close' }).end();
  };
  const crew = await crewOf(await serverOf(farewell));
  crew.connections[0]?.send(GET);

  await expect(crew.lost).rejects.toThrow('hung up after an answer 503');
});

test('nobody there is an error at once', async () => {
  await expect(Crew.open(new URL('http://127.0.0.1:1'), 1)).rejects.toThrow('ECONNREFUSED');
});
