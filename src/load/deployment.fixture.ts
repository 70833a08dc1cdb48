/** A deployment that speaks as much of API v1 as a load needs, and does as it is told: for what a real one does too rarely. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Limits } from './control.ts';

export const LIMITS: Limits = {
  max_position_size: 1_000_000,
  max_daily_volume: 10_000_000,
  max_net_exposure: 5_000_000,
  max_gross_exposure: 15_000_000,
};

/** What becomes of a change of limits: `lost` is done and not answered, `none` is neither. */
export type Fate = 'done' | 'lost' | 'none' | 'refused';

export interface Deployment {
  readonly url: URL;
  limits: Limits;
  /** What was asked, in order, with the daily volume that was in force then. */
  readonly asked: { readonly what: string; readonly volume: number }[];
  /** Of the next changes of limits, in order; the last one holds for all that follow. */
  readonly fates: Fate[];
  /** Of the next cancels, in order: the status they end in, done only where it is 200. */
  readonly cancels: number[];
  /** Orders that are placed and not canceled. */
  readonly working: Set<string>;
  /** Are the demo users let in? */
  isDemo: boolean;
  close(): Promise<void>;
}

const QUOTE = { symbol: 'AAPL', bid: 150, ask: 150.02, tick_size: 0.01, lot_size: 1 };
const idOf = (count: number): string => `0194a0f0-0000-7000-8000-${String(count).padStart(12, '0')}`;

/** What the cancel of an order is answered where it is not canceled. */
function refusalOf({ cancels, working }: Deployment, orderId: string): [number, object] | undefined {
  const status = cancels.shift() ?? 200;
  if (status !== 200) return [status, { code: 'SEQUENCER_BUSY' }];
  return working.delete(orderId) ? undefined : [409, { code: 'ORDER_NOT_WORKING' }];
}

export async function startDeployment(): Promise<Deployment> {
  const names = new Map<string, string>();
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const deployment: Deployment = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    limits: LIMITS,
    asked: [],
    fates: ['done'],
    cancels: [],
    working: new Set(),
    isDemo: true,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await (request.method === 'GET' || request.method === 'DELETE' ? {} : json(request))) as {
      readonly client_order_id?: string;
      readonly password?: string;
    };
    const [path = ''] = (request.url ?? '').split('?');
    const what = `${request.method} ${path.replace('/api/v1/', '')}`;
    deployment.asked.push({ what, volume: deployment.limits.max_daily_volume });
    const say = (status: number, words: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(words));
    };
    const orderId = path.split('/').at(-1) ?? '';
    if (what === 'POST auth/login') {
      const isIn = deployment.isDemo || !/^[a-z]+123$/.test(body.password ?? '');
      if (!isIn) return say(401, { code: 'CREDENTIALS_INVALID' });
      return say(200, { access_token: 'TOKEN', expires_in: 1800 });
    }
    if (what === 'GET market/quotes') return say(200, { quotes: [QUOTE] });
    if (what === 'GET risk/limits') return say(200, { ...deployment.limits, kill_switch_enabled: false });
    if (what === 'GET risk/positions') return say(200, { positions: [] });
    if (what === 'GET orders') return say(200, { orders: [], next_cursor: null });
    if (what === 'POST orders') {
      const id = idOf(names.size);
      names.set(id, body.client_order_id ?? '');
      deployment.working.add(id);
      return say(200, { order_id: id, client_order_id: names.get(id), status: 'APPROVED' });
    }
    if (what === 'PUT risk/limits') return setLimits(body as unknown as Limits, response, say);
    const refusal = request.method === 'DELETE' ? refusalOf(deployment, orderId) : undefined;
    if (refusal !== undefined) return say(...refusal);
    return say(200, { order_id: orderId, client_order_id: names.get(orderId), status: 'PENDING_CANCEL' });
  }

  function setLimits(
    limits: Limits,
    response: ServerResponse,
    say: (status: number, words: object) => void,
  ): void {
    const { fates } = deployment;
    const fate = (fates.length > 1 ? fates.shift() : fates[0]) ?? 'done';
    if (fate === 'done' || fate === 'lost') deployment.limits = { ...limits };
    if (fate === 'done') say(200, deployment.limits);
    else if (fate === 'refused') say(503, { code: 'SEQUENCER_BUSY' });
    else response.destroy();
  }

  return deployment;
}
