/** The small door of nodes that serve no API: whether they live, whether they are ready, and their figures. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Readiness } from '../../telemetry/readiness.ts';
import type { DoorCertificate } from './deps.ts';
import { LIVE, type ProbeAnswer, readyAnswer } from './probes.ts';
import { SOCKET_LIMITS } from './sockets.ts';

interface ProbeDoorDeps {
  readonly readiness: Readiness;
  readonly metrics: Pick<Metrics, 'registry'>;
  /** What to speak TLS with; undefined: plain HTTP. */
  readonly certificate?: DoorCertificate | undefined;
}

export class ProbeDoor {
  readonly #deps: ProbeDoorDeps;
  readonly #server: Server;

  constructor(deps: ProbeDoorDeps) {
    this.#deps = deps;
    const serve = (request: IncomingMessage, response: ServerResponse): void =>
      void this.#serve(request, response);
    const { certificate } = deps;
    if (certificate === undefined) {
      this.#server = createServer(SOCKET_LIMITS, serve);
    } else {
      const server = createTlsServer({ ...SOCKET_LIMITS, ...certificate.options }, serve);
      certificate.serve(server);
      this.#server = server;
    }
  }

  /** Resolves with where it is, as `http://127.0.0.1:8000`, or with https. Rejects with the operating system's error. */
  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(port, host, resolve);
    await promise;
    this.#server.off('error', reject);
    const at = this.#server.address() as AddressInfo;
    const scheme = this.#deps.certificate === undefined ? 'http' : 'https';
    return `${scheme}://${at.family === 'IPv6' ? `[${at.address}]` : at.address}:${at.port}`;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve()); // also where it never listened
    this.#server.closeIdleConnections();
    await promise;
  }

  /** Rejects never: a probe that goes wrong says so. */
  async #serve({ method, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#deps.readiness.isLeaving) response.setHeader('connection', 'close');
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return say(response, 405, { status: 'this path does not take this method' });
    }
    const path = url.split('?', 1)[0];
    if (path === '/metrics') return await this.#figures(response);
    const answer = this.#probe(path);
    if (answer === undefined) return say(response, 404, { status: 'no such path' });
    say(response, answer.status, answer.body);
  }

  #probe(path: string | undefined): ProbeAnswer | undefined {
    if (path === '/livez') return LIVE;
    return path === '/readyz' ? readyAnswer(this.#deps.readiness) : undefined;
  }

  async #figures(response: ServerResponse): Promise<void> {
    const { registry } = this.#deps.metrics;
    try {
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
    } catch {
      say(response, 500, { status: 'the figures could not be read' });
    }
  }
}

const say = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
};
