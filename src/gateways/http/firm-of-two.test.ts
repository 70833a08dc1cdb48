/** The contract in front of two shards: one firm for its clients, wherever their accounts are kept. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { price, quantity } from '../../core/values/fixed-point.ts';
import type { OrderId } from '../../core/values/names.ts';
import { by } from '../../sequencer/stage.fixture.ts';
import { type Client, ORDER, UUID } from './testing/client.ts';
import { type FirmOfTwo, type MemoryGround, memoryGround, openFirmOfTwo } from './testing/firm-of-two.ts';
import type { FollowedReads } from './testing/followed-reads.ts';

let ground: MemoryGround;
let firm: FirmOfTwo<FollowedReads>;
let client: Client;
beforeEach(async () => {
  ground = memoryGround();
  firm = await openFirmOfTwo(ground);
  client = await firm.node();
});
afterEach(() => firm.close());

const ordersIn = async (shard: string): Promise<number> =>
  (await firm.engines.get(shard)?.read(({ orders }) => [...orders.values()].length)) ?? 0;

/** What the venue of `shard` says of an order of ours. */
async function fill(shard: string, orderId: string, units: number, at: string): Promise<void> {
  const executionId = `X-${orderId}-${units}` as never;
  const report = {
    kind: 'filled',
    executionId,
    quantity: quantity(String(units)),
    price: price(at),
  } as const;
  await firm.engines
    .get(shard)
    ?.submit({ type: 'ReportFromVenue', orderId: orderId as OrderId, reports: [report] }, by);
}

describe('an order', () => {
  test('goes to the shard of its account, whichever that is', async () => {
    expect(await client.place()).toMatchObject({ status: 'APPROVED' });
    expect([await ordersIn('east'), await ordersIn('west')]).toEqual([1, 0]);
    expect(await client.place({}, 'trader2')).toMatchObject({ status: 'APPROVED' });
    expect([await ordersIn('east'), await ordersIn('west')]).toEqual([1, 1]);
  });

  test('carries a deadline over the bus, and no quote; a cancel has no deadline', async () => {
    const { order_id: id } = await client.place();
    await client.ask('TRADER', 'DELETE', `/api/v1/orders/${id}`);
    const [placed, canceled] = firm.bus.carried;
    expect(placed).toMatchObject({ replyTo: 'node-0', command: { type: 'PlaceOrder', quote: undefined } });
    const { deadline = 0, sentAt = 0 } = placed ?? {};
    expect(deadline).toBeGreaterThan(sentAt);
    expect(deadline).toBeLessThanOrEqual(sentAt + 5_000_000); // the door heard of it before it was sent
    expect(canceled).toMatchObject({ command: { type: 'CancelOrder' }, deadline: undefined });
  });

  test('that gets no answer in time is told as PENDING under its id, and may be looked up and canceled', async () => {
    firm.bus.deaf.add('east');
    const { status, body } = await client.ask('TRADER', 'POST', '/api/v1/orders', ORDER);
    expect(status).toBe(202);
    expect(body).toEqual({
      order_id: expect.stringMatching(UUID),
      status: 'PENDING',
      correlation_id: expect.stringMatching(UUID),
      timestamp: expect.any(String),
      message: expect.stringContaining('Not answered in time'),
    });
    const canceled = await client.ask('TRADER', 'DELETE', `/api/v1/orders/${body.order_id}`);
    expect([canceled.status, canceled.body.status]).toEqual([202, 'PENDING']);
    firm.bus.deaf.clear();
    const found = await client.ask('TRADER', 'GET', `/api/v1/orders/${body.order_id}`);
    expect(found.body.status).toBe('PENDING_CANCEL');
  });

  test('that its engine has not taken in yet is PENDING at every node, for its own trader, and then what it became', async () => {
    const other = await firm.node();
    firm.bus.asleep.add('east');
    const { order_id: id } = await client.place();
    for (const node of [client, other]) {
      const { status, body } = await node.ask('TRADER', 'GET', `/api/v1/orders/${id}`);
      expect([status, body.status, body.order_id]).toEqual([202, 'PENDING', id]);
      expect((await node.ask('trader2', 'GET', `/api/v1/orders/${id}`)).status).toBe(404);
    }
    firm.bus.wake();
    await expect
      .poll(async () => (await other.ask('TRADER', 'GET', `/api/v1/orders/${id}`)).body.status)
      .toBe('APPROVED');
  });

  test('that could not be sent is refused for now, and is in no shard', async () => {
    firm.bus.cut.add('east');
    const { status, body } = await client.ask('TRADER', 'POST', '/api/v1/orders', ORDER);
    expect([status, body.code]).toEqual([503, 'BUS_UNAVAILABLE']);
    expect(await ordersIn('east')).toBe(0);
    expect(await client.place({}, 'trader2')).toMatchObject({ status: 'APPROVED' });
  });

  test('off its steps is refused before it is sent', async () => {
    const { status } = await client.ask('TRADER', 'POST', '/api/v1/orders', { ...ORDER, price: 150.505 });
    expect(status).toBe(422);
    expect(firm.bus.carried).toEqual([]);
  });

  test('placed at one node is found and canceled at another, also while nobody has answered for it', async () => {
    const other = await firm.node();
    const { order_id: id } = await client.place();
    expect((await other.ask('TRADER', 'GET', `/api/v1/orders/${id}`)).status).toBe(200);
    expect((await other.ask('trader2', 'DELETE', `/api/v1/orders/${id}`)).body.code).toBe('ORDER_UNKNOWN');
    expect((await other.ask('TRADER', 'DELETE', `/api/v1/orders/${id}`)).status).toBe(200);

    firm.bus.deaf.add('east');
    const { order_id: doubtful } = await client.place();
    firm.bus.deaf.clear();
    firm.reads.lag = 1_000; // and the views have not come so far
    expect((await other.ask('TRADER', 'DELETE', `/api/v1/orders/${doubtful}`)).status).toBe(200);
  });

  test('that is finished is not canceled', async () => {
    const { order_id: id } = await client.place();
    await fill('east', id, 100, '150.5');
    expect((await client.ask('TRADER', 'DELETE', `/api/v1/orders/${id}`)).body.code).toBe(
      'ORDER_NOT_WORKING',
    );
    const other = await firm.node();
    expect((await other.ask('TRADER', 'DELETE', `/api/v1/orders/${id}`)).body.code).toBe('ORDER_NOT_WORKING');
  });
});

describe('the firm’s figures', () => {
  test('are the sums over its shards, and as new as the journals for who has written nothing', async () => {
    const { order_id: east } = await client.place();
    const { order_id: west } = await client.place({ quantity: 40, price: 149.5 }, 'trader2');
    await fill('east', east, 100, '150.5');
    await fill('west', west, 40, '149.5');
    await client.place({ quantity: 1 });
    await client.place({ quantity: 1 }, 'trader2');
    const positions = await client.ask('RISK_MANAGER', 'GET', '/api/v1/risk/positions');
    expect(positions.body).toMatchObject({
      positions: [{ symbol: 'AAPL', quantity: 140 }],
      total_positions: 1,
      realized_pnl: 0,
    });
    expect((positions.body.positions[0] as { average_price: number }).average_price).toBeCloseTo(150.214, 3);
    const metrics = (await client.ask('RISK_MANAGER', 'GET', '/api/v1/risk/metrics')).body;
    expect(metrics).toMatchObject({ total_positions: 1, kill_switch_active: false });
    expect(metrics.net_exposure).toBe(metrics.gross_exposure);
    expect(metrics.daily_volume).toBeCloseTo(100 * 150.5 + 40 * 149.5 + 150.5 * 2, 0);
  });

  test('show at one node what was done at another', async () => {
    const other = await firm.node();
    for (let units = 1; units <= 5; units++) {
      const { order_id: id } = await client.place({ quantity: units });
      await fill('east', id, units, '150.5');
      await client.place({ quantity: 1 });
      const { body } = await other.ask('TRADER', 'GET', '/api/v1/risk/positions');
      expect(body.positions[0].quantity).toBe((units * (units + 1)) / 2);
    }
  });
});

describe('limits', () => {
  test('are dealt out in shares that come to what was set, and read back as that', async () => {
    const set = await client.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', {
      max_position_size: '1000.00000001',
    });
    expect(set.status).toBe(200);
    expect(set.text).toContain('"max_position_size":1000.00000001');
    expect(set.body.shards).toMatchObject([
      { shard: 'east', applied: true, reason: null },
      { shard: 'west', applied: true, reason: null },
    ]);
    const read = await client.ask('RISK_MANAGER', 'GET', '/api/v1/risk/limits');
    expect(read.text).toContain('"max_position_size":1000.00000001');
    expect(read.text).toContain('{"shard":"east","max_position_size":500.00000001');
    expect(read.text).toContain('{"shard":"west","max_position_size":500,');
    expect(await client.place({ quantity: 4 })).toMatchObject({ status: 'REJECTED' }); // 602 is over the share
  });

  test('that reach one shard only are told so, shard by shard', async () => {
    firm.bus.cut.add('west');
    const { status, body } = await client.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', {
      max_net_exposure: 1_000,
      kill_switch_enabled: true,
    });
    expect(status).toBe(202);
    expect(body.shards).toMatchObject([
      { shard: 'east', applied: true },
      { shard: 'west', applied: false, at: null, reason: expect.stringContaining('nothing was sent') },
    ]);
    expect(body).toMatchObject({ kill_switch_enabled: false });
  });
});

describe('the kill switch', () => {
  const engage = '/api/v1/risk/kill-switch?enabled=true';

  test('halts every shard, and says so when all are', async () => {
    const { status, body } = await client.ask('RISK_MANAGER', 'POST', engage);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kill_switch_enabled: true,
      halted_everywhere: true,
      message: 'Kill switch activated',
      shards: [
        { shard: 'east', applied: true },
        { shard: 'west', applied: true },
      ], // prettier-ignore
    });
    expect(await client.place()).toMatchObject({ status: 'REJECTED' });
    expect(await client.place({}, 'trader2')).toMatchObject({ status: 'REJECTED' });
    expect((await client.ask('RISK_MANAGER', 'GET', '/api/v1/risk/limits')).body.kill_switch_enabled).toBe(
      true,
    );
  });

  test('whose answer is lost is found in the journal', async () => {
    firm.bus.deaf.add('west');
    const { status, body } = await client.ask('RISK_MANAGER', 'POST', engage);
    expect([status, body.halted_everywhere]).toEqual([200, true]);
    const set = await client.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', {
      max_position_size: 700,
      kill_switch_enabled: false,
    });
    expect(set.status).toBe(200);
    expect(set.body).toMatchObject({ max_position_size: 700, kill_switch_enabled: false });
  });

  test('that one shard has not taken in is not called engaged, and can be asked for again', async () => {
    firm.bus.asleep.add('west');
    const { status, body } = await client.ask('RISK_MANAGER', 'POST', engage);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      kill_switch_enabled: false,
      halted_everywhere: false,
      message: 'Kill switch activated in 1 of 2 shards; ask again until all have it',
      shards: [
        { applied: true, reason: null },
        { applied: false, reason: expect.any(String) },
      ], // prettier-ignore
    });
    firm.bus.wake();
    expect((await client.ask('RISK_MANAGER', 'POST', engage)).body.halted_everywhere).toBe(true);
  });

  test('that reaches nobody is a fault', async () => {
    firm.bus.cut.add('east').add('west');
    const { status, body } = await client.ask('RISK_MANAGER', 'POST', engage);
    expect([status, body.code]).toEqual([503, 'BUS_UNAVAILABLE']);
  });
});

describe('views', () => {
  test('a copy in Redis from long ago is not shown: SQL knows better', async () => {
    const before = await ground.cache.get('itirp:view:east');
    const { order_id: id } = await client.place();
    await fill('east', id, 100, '150.5');
    await expect
      .poll(async () => (await ground.store.view('east'))?.positions.length, { timeout: 5_000 })
      .toBe(1);
    await firm.writers.get('east')?.stop();
    const stale = (before ?? '').replace(/"at":\d+/, '"at":1000000');
    await ground.cache.set('itirp:view:east', stale, 60_000);
    const fresh = await firm.node(); // has heard nothing yet
    const { body } = await fresh.ask('RISK_MANAGER', 'GET', '/api/v1/risk/positions');
    expect(body.positions).toMatchObject([{ symbol: 'AAPL', quantity: 100 }]);
  });

  test('health is about every shard', async () => {
    expect((await client.ask('TRADER', 'GET', '/api/v1/health')).status).toBe(200);
    await firm.engines.get('west')?.submit({ type: 'CloseTrading', why: 'the venue went' }, by);
    await expect
      .poll(async () => (await client.ask('TRADER', 'GET', '/api/v1/health')).body.components, {
        timeout: 5_000,
      })
      .toMatchObject({ execution_engine: 'the venues are being reconciled', risk_engine: 'operational' });
  });
});
