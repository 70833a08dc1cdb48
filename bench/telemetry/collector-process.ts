/** A collector that takes spans as fast as it can and keeps none: what is measured is who sends them. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '../run/child.ts';

export interface Taken {
  readonly requests: number;
  readonly bytes: number;
}

let requests = 0;
let bytes = 0;
const server = createServer((request, reply) => {
  requests += 1;
  request.on('data', (part: Buffer) => {
    bytes += part.length;
  });
  request.on('end', () => reply.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
});

async function start(): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

serve({ start, taken: (): Taken => ({ requests, bytes }) }, () => server.closeAllConnections());
