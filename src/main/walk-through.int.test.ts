/** The v1 contract walked through by every role, on a real server and real PostgreSQL, in a market that stands still. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Body, Client } from '../../test/client.ts';
import { standingMarket } from '../../test/market.ts';
import { Folder, Server } from '../../test/server.ts';

let folder: Folder;
let server: Server;
let trader: Client;
let risk: Client;
let compliance: Client;
let admin: Client;

beforeAll(async () => {
  folder = await Folder.make();
  const market = await standingMarket(folder.path, [
    { ticker: 'AAPL', bid: '149.98', ask: '150.00', size: 1_000_000 },
    { ticker: 'SPY', bid: '99.99', ask: '100.01', size: 300 },
    { ticker: 'TSLA', bid: '200.00', ask: '200.04', size: 500 },
  ]);
  server = await Server.start(['--demo'], { ...market, DATA_DIR: folder.path });
  const login = (user: string) => Client.login(server.url, user);
  [trader, risk, compliance, admin] = await Promise.all([
    login('trader1'),
    login('risk1'),
    login('compliance1'),
    login('admin'),
  ]);
});
afterAll(async () => {
  await server.end('SIGTERM');
  await folder.remove();
});

/** Asks again until the order has come to `status`: what happens at the venue happens after the answer. */
const comesTo = async (orderId: string, status: string): Promise<Body> => {
  await expect.poll(async () => (await admin.get(`/api/v1/orders/${orderId}`)).status).toBe(status);
  return admin.get(`/api/v1/orders/${orderId}`);
};
const defaults = {
  max_position_size: 1_000_000,
  max_daily_volume: 10_000_000,
  max_net_exposure: 5_000_000,
  max_gross_exposure: 15_000_000,
  kill_switch_enabled: false,
};

describe('the life of an order', () => {
  test('that trades at once is the chain of the contract', async () => {
    const { status, body } = await trader.place({ client_order_id: 'first' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'APPROVED' });
    expect(body.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const done = await comesTo(body.order_id, 'EXECUTED');
    expect(done).toMatchObject({
      correlation_id: body.correlation_id,
      symbol: 'AAPL',
      side: 'BUY',
      quantity: 100,
      price: 150,
      executed_quantity: 100,
      executed_price: 150,
      created_at: body.timestamp,
      rejection_reason: null,
    });
    expect(await compliance.chain(body.order_id)).toEqual([
      'ORDER_CREATED',
      'RISK_CHECK_STARTED',
      'RISK_CHECK_PASSED',
      'EXECUTION_STARTED',
      'EXECUTION_COMPLETED',
    ]);
    const conversation = await compliance.get(`/api/v1/audit/correlation/${body.correlation_id}`);
    const [opened, created] = conversation.events as Body[];
    expect(opened).toMatchObject({ user_id: 'trader1', event_type: 'ACCOUNT_OPENED', order_id: null });
    expect(created).toMatchObject({
      user_id: 'trader1',
      event_type: 'ORDER_CREATED',
      order_id: body.order_id,
    });
  });

  test('that is denied names every rule, moves nothing, and ends the chain', async () => {
    const before = await risk.get('/api/v1/risk/metrics');
    const { status, body } = await trader.place({ quantity: 90_000 });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'REJECTED',
      message: 'Risk violations: POSITION_LIMIT, DAILY_VOLUME_LIMIT, NET_EXPOSURE_LIMIT',
    });
    expect(await compliance.chain(body.order_id)).toEqual([
      'ORDER_CREATED',
      'RISK_CHECK_STARTED',
      'RISK_CHECK_FAILED',
    ]);
    expect(await trader.get(`/api/v1/orders/${body.order_id}`)).toMatchObject({
      status: 'REJECTED',
      executed_quantity: 0,
      executed_price: null,
    });
    expect(await risk.get('/api/v1/risk/metrics')).toEqual(before);
  });

  test('of an unknown symbol is denied with a reason of its own', async () => {
    const { body } = await trader.place({ symbol: 'NOPE' });
    expect(body).toMatchObject({ status: 'REJECTED', message: 'Risk violations: UNKNOWN_SYMBOL' });
  });

  test('that rests is canceled through its pending state', async () => {
    const { body } = await trader.place({ price: '100.00' });
    await comesTo(body.order_id, 'EXECUTING');
    const asked = await trader.cancel(body.order_id);
    expect(asked.status).toBe(200);
    expect(asked.body).toMatchObject({ order_id: body.order_id, status: 'PENDING_CANCEL' });
    await comesTo(body.order_id, 'CANCELLED');
    expect(await compliance.chain(body.order_id)).toEqual([
      'ORDER_CREATED',
      'RISK_CHECK_STARTED',
      'RISK_CHECK_PASSED',
      'EXECUTION_STARTED',
      'CANCEL_REQUESTED',
      'ORDER_CANCELLED',
    ]);
    const again = await trader.cancel(body.order_id);
    expect([again.status, again.body.code]).toEqual([409, 'ORDER_NOT_WORKING']);
  });

  test('at the market trades at the shown price, and its worst case was bounded', async () => {
    const { body } = await trader.place({ symbol: 'TSLA', type: 'MARKET', quantity: 10 });
    expect(body.status).toBe('APPROVED');
    const done = await comesTo(body.order_id, 'EXECUTED');
    expect(done).toMatchObject({ price: null, executed_quantity: 10, executed_price: 200.04 });
  });

  test('at the market without a quote is denied', async () => {
    const { body } = await trader.place({ symbol: 'MSFT', type: 'MARKET', quantity: 10 });
    expect(body).toMatchObject({ status: 'REJECTED', message: 'Risk violations: NO_FRESH_QUOTE' });
  });

  test('larger than the market is filled in part, and the rest works on until it is canceled', async () => {
    const { body } = await trader.place({ symbol: 'SPY', quantity: 1000, price: '100.01' });
    const part = await comesTo(body.order_id, 'PARTIALLY_EXECUTED');
    expect(part).toMatchObject({ executed_quantity: 300, executed_price: 100.01 });
    await trader.cancel(body.order_id);
    const rest = await comesTo(body.order_id, 'CANCELLED');
    expect(rest).toMatchObject({ executed_quantity: 300, executed_price: 100.01 });
    expect(await compliance.chain(body.order_id)).toEqual([
      'ORDER_CREATED',
      'RISK_CHECK_STARTED',
      'RISK_CHECK_PASSED',
      'EXECUTION_STARTED',
      'ORDER_PARTIALLY_EXECUTED',
      'CANCEL_REQUESTED',
      'ORDER_CANCELLED',
    ]);
    const { positions } = await trader.get('/api/v1/risk/positions');
    expect((positions as Body[]).find(({ symbol }) => symbol === 'SPY')).toMatchObject({
      quantity: 300,
      average_price: 100.01,
      market_value: 30_000,
      unrealized_pnl: -3,
    });
  });

  test('under a client order id that was used is a duplicate, or with other content a conflict', async () => {
    const words = { client_order_id: 'mine', price: '100.00' };
    const first = await trader.place(words);
    const same = await trader.place(words);
    expect([same.status, same.body.code]).toEqual([409, 'CLIENT_ORDER_ID_DUPLICATE']);
    expect(same.body.order_id).toBe(first.body.order_id);
    const other = await trader.place({ ...words, price: '100.01' });
    expect([other.status, other.body.code]).toEqual([409, 'CLIENT_ORDER_ID_CONFLICT']);
    expect(other.body.order_id).toBe(first.body.order_id);
    const somebodyElse = await admin.place(words);
    expect(somebodyElse.status).toBe(200);
    for (const { body } of [first, somebodyElse]) await admin.cancel(body.order_id);
  });

  test('that was denied does not burn its client order id', async () => {
    const denied = await trader.place({ client_order_id: 'corrected', quantity: 100_000 });
    expect(denied.body.status).toBe('REJECTED');
    const corrected = await trader.place({ client_order_id: 'corrected', quantity: 1 });
    expect(corrected.body.status).toBe('APPROVED');
  });
});

describe('who may do what', () => {
  test('risk managers and compliance officers trade nothing', async () => {
    for (const client of [risk, compliance]) expect((await client.place()).status).toBe(403);
    const anyone = await fetch(`${server.url}/api/v1/orders`, { method: 'POST' });
    expect(anyone.status).toBe(401);
  });

  test("a trader sees and cancels only his own orders, others see everyone's", async () => {
    const { body } = await admin.place({ price: '100.00' });
    const path = `/api/v1/orders/${body.order_id}`;
    expect((await trader.ask('GET', path)).status).toBe(404);
    expect((await trader.ask('DELETE', path)).status).toBe(404);
    for (const client of [risk, compliance, admin]) expect((await client.ask('GET', path)).status).toBe(200);
    const own = await trader.orders();
    expect(own.map(({ order_id }) => order_id)).not.toContain(body.order_id);
    expect((await admin.cancel(body.order_id)).status).toBe(200);
  });

  test('the audit trail is for compliance and administrators', async () => {
    for (const client of [trader, risk]) {
      expect((await client.ask('GET', '/api/v1/audit/events')).status).toBe(403);
    }
    for (const client of [compliance, admin]) {
      expect((await client.get('/api/v1/audit/events?limit=3')).events).toHaveLength(3);
    }
  });

  test('nobody but risk managers and administrators sets limits, and every change is in the trail', async () => {
    expect(await compliance.get('/api/v1/risk/limits')).toEqual(defaults);
    expect((await trader.ask('GET', '/api/v1/risk/limits')).status).toBe(403);
    for (const client of [trader, compliance]) {
      expect((await client.ask('PUT', '/api/v1/risk/limits', {})).status).toBe(403);
    }
    const changed = await risk.ask('PUT', '/api/v1/risk/limits?reason=quarter%20end', {
      max_net_exposure: '4999999.5',
    });
    expect(changed.body).toEqual({ ...defaults, max_net_exposure: 4_999_999.5 });
    const { events } = await compliance.get('/api/v1/audit/events?limit=1');
    expect((events as Body[])[0]).toMatchObject({
      event_type: 'LIMITS_CHANGED',
      user_id: 'risk1',
      order_id: null,
      payload: { max_net_exposure: 4_999_999.5, reason: 'quarter end' },
    });
    const back = await admin.ask('PUT', '/api/v1/risk/limits', {}); // what is missing takes its default
    expect(back.body).toEqual(defaults);
  });

  test('the kill switch: compliance may pull it, and only risk may let go', async () => {
    expect((await trader.ask('POST', '/api/v1/risk/kill-switch?enabled=true')).status).toBe(403);
    const pulled = await compliance.ask('POST', '/api/v1/risk/kill-switch?enabled=True');
    expect(pulled.body).toMatchObject({ kill_switch_enabled: true, message: 'Kill switch activated' });
    const halted = await trader.place();
    expect(halted.status).toBe(200);
    expect(halted.body).toMatchObject({
      status: 'REJECTED',
      message: 'Kill switch is active - all trading halted',
    });
    expect(await compliance.chain(halted.body.order_id)).toEqual([
      'ORDER_CREATED',
      'RISK_CHECK_STARTED',
      'RISK_CHECK_FAILED',
    ]);
    expect((await compliance.ask('POST', '/api/v1/risk/kill-switch?enabled=0')).status).toBe(403);
    const released = await risk.ask('POST', '/api/v1/risk/kill-switch?enabled=false');
    expect(released.body).toMatchObject({ kill_switch_enabled: false, message: 'Kill switch deactivated' });
    const { events } = await compliance.get('/api/v1/audit/events?limit=1');
    expect((events as Body[])[0]).toMatchObject({ event_type: 'KILL_SWITCH_RELEASED', user_id: 'risk1' });
  });
});

describe('who writes and then reads', () => {
  test('sees the write at once, however many do', async () => {
    const writes = Array.from({ length: 8 }, async (_, worker) => {
      for (let n = 0; n < 12; n++) {
        const placed = await admin.place({
          quantity: 1,
          price: `1${n}.00`,
          client_order_id: `ryw-${worker}-${n}`,
        });
        const orderId = placed.body.order_id;
        const [one, list, chain] = await Promise.all([
          admin.ask('GET', `/api/v1/orders/${orderId}`),
          admin.get('/api/v1/orders?limit=1000'),
          admin.chain(orderId),
        ]);
        expect(one.status).toBe(200);
        expect((list.orders as Body[]).map(({ order_id }) => order_id)).toContain(orderId);
        expect(chain.slice(0, 3)).toEqual(['ORDER_CREATED', 'RISK_CHECK_STARTED', 'RISK_CHECK_PASSED']);
        expect((await admin.cancel(orderId)).status).toBe(200);
        expect(await admin.chain(orderId)).toContain('CANCEL_REQUESTED');
      }
    });
    await Promise.all(writes);
  });

  test('finds the same figures everywhere', async () => {
    const metrics = await risk.get('/api/v1/metrics');
    const breakdown = Object.values(metrics.order_status_breakdown as Record<string, number>);
    expect(breakdown.reduce((sum, n) => sum + n, 0)).toBe(metrics.total_orders);
    expect((await admin.orders()).length).toBe(metrics.total_orders);
    expect(metrics.circuit_breaker).toEqual({ status: 'closed', failures: 0, open_until: null });
    expect(metrics.risk_metrics).toEqual(await risk.get('/api/v1/risk/metrics'));
    const { total } = await compliance.get('/api/v1/audit/events?limit=1');
    expect(total).toBe(metrics.total_events);
    const scrape = async () => await (await fetch(`${server.url}/metrics`)).text();
    await expect.poll(scrape, { timeout: 10_000 }).toMatch(/^active_positions 3$/m); // read off each second
    const net = /^net_exposure_usd (.*)$/m.exec(await scrape())?.[1];
    expect(Number(net)).toBeCloseTo(Number((metrics.risk_metrics as Body).net_exposure));
  });
});
