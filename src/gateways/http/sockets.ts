/** What the door does on the wire itself: limits against slow and broken clients, and words for those it cut off. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Fault, type FaultCode } from '../../faults/fault.ts';
import { newId } from './ids.ts';
import { problemOf } from './problems.ts';

/** For `http.createServer`. Milliseconds and bytes. */
export const SOCKET_LIMITS = {
  headersTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
} as const;

/** A whole request must have arrived by then. Milliseconds. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** An idle connection is kept for longer than the usual load balancer's minute. Milliseconds. */
export const KEEP_ALIVE_MS = 75_000;

const OF_NODE: Readonly<Record<string, FaultCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
};

/** Answers bytes that are no HTTP request, or none in time, and hangs up. Returns the status; undefined: nobody listens. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): number | undefined {
  const isHandshake =
    error.code?.startsWith('ERR_SSL') === true || error.code?.startsWith('ERR_TLS') === true;
  if (isHandshake || error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return undefined;
  }
  const correlationId = newId();
  const fault = new Fault(OF_NODE[error.code ?? ''] ?? 'REQUEST_MALFORMED');
  const body = JSON.stringify(problemOf(fault, correlationId));
  const head = [
    `HTTP/1.1 ${fault.http} ${STATUS_CODES[fault.http] ?? ''}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-correlation-id: ${correlationId}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  return fault.http;
}

/** Between two looks for connections with nothing under way, in milliseconds. */
const SWEEP_MS = 50;

/** While `app` closes, hangs up on whoever falls silent: an answered client may else keep us for its keep-alive. */
export function hangUpOnSilence(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    if (!app.server.listening) return;
    const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
    app.server.once('close', () => clearInterval(sweep));
  });
}
