/** The process that the proxies of a stack run in, so that its load and the links do not wait for each other. */
import { FaultProxy } from './fault-proxy.ts';
import type { NetworkAnswer, NetworkRequest } from './network.ts';

const links = new Map<string, FaultProxy>();

async function carryOut(request: NetworkRequest): Promise<Partial<NetworkAnswer>> {
  const link = links.get(request.name);
  if (request.what === 'open') {
    const opened = await FaultProxy.listen(request.target, request.port);
    links.set(request.name, opened);
    return { port: opened.port };
  }
  if (link === undefined) throw new Error(`there is no link ${request.name}`);
  if (request.what === 'figures') return { figures: link.figures };
  link.setFault(request.fault);
  return {};
}

process.on('message', (request: NetworkRequest) => {
  void carryOut(request)
    .catch((error: unknown) => ({ wrong: String(error) }))
    .then((answer) => process.send?.({ id: request.id, ...answer }));
});
process.on('disconnect', () => process.exit(0));
