/** A collector of traces for tests: takes OTLP over HTTP as JSON or protobuf, and tells what it was given. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Heard, spansOfJson, spansOfProtobuf } from './otlp.ts';

export interface Post {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/** How it behaves: as a collector should; refusing; or taking what it is given and saying nothing. */
export type Temper = 'well' | 'refusing' | 'silent';

export class Collector {
  readonly spans: Heard[] = [];
  readonly posts: Post[] = [];
  /** What was posted, as it came. */
  readonly bodies: Buffer[] = [];
  temper: Temper = 'well';
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, reply) => void this.#take(request, reply));
  }

  static async start(): Promise<Collector> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Collector(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** All of one trace so far, in the order they began. */
  trace(traceId: string): readonly Heard[] {
    return this.spans
      .filter((span) => span.traceId === traceId)
      .toSorted((one, other) => one.beganAt - other.beganAt);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray());
    this.bodies.push(body);
    this.posts.push({ path: request.url ?? '', headers: request.headers });
    if (this.temper === 'silent') return;
    if (this.temper === 'refusing') {
      reply.writeHead(400).end();
      return;
    }
    const isJson = request.headers['content-type']?.startsWith('application/json') === true;
    this.spans.push(...(isJson ? spansOfJson(body) : spansOfProtobuf(body)));
    reply.writeHead(200, { 'content-type': request.headers['content-type'] ?? '' }).end(isJson ? '{}' : '');
  }
}
