/**
 * The process that the proxies of a stack run in, so that its load and its links do not wait for each other. It is told
 * what to do over HTTP on loopback: `network-process.ts [PORT]`.
 */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { FaultProxy } from './fault-proxy.ts';
import type { NetworkAnswer, NetworkRequest } from './network.ts';

const links = new Map<string, FaultProxy>();

async function carryOut(request: NetworkRequest): Promise<NetworkAnswer> {
  const link = links.get(request.name);
  if (request.what === 'open') {
    const opened = link ?? (await FaultProxy.listen(request.target, request.at));
    links.set(request.name, opened);
    return { port: opened.port };
  }
  if (link === undefined) throw new Error(`there is no link ${request.name}`);
  if (request.what === 'figures') return { figures: link.figures };
  link.setFault(request.fault);
  return {};
}

const server = createServer((request, response) => {
  void text(request)
    .then((body) => carryOut(JSON.parse(body) as NetworkRequest))
    .catch((error: unknown): NetworkAnswer => ({ wrong: String(error) }))
    .then((answer) => response.end(JSON.stringify(answer)));
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  process.send?.(server.address());
});
process.on('disconnect', () => process.exit(0)); // where a parent started it, it ends with the parent
