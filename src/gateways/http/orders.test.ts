/** Orders to the letter of the contract: cancel, look at one, list them. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Client, filled, TIME, type Who } from './testing/client.ts';
import { openSmallHouse, type SmallHouse } from './testing/small-house.ts';

let house: SmallHouse;
let client: Client;
beforeEach(async () => {
  house = await openSmallHouse();
  client = new Client(house);
});

describe('DELETE /api/v1/orders/{id}', () => {
  test('asks for the cancel of one’s own working order', async () => {
    const { order_id: id } = await client.place();
    const { status, body } = await client.ask('TRADER', 'DELETE', `/api/v1/orders/${id}?reason=fat%20finger`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      order_id: id,
      status: 'PENDING_CANCEL',
      timestamp: expect.stringMatching(TIME),
    });
    expect(house.engine.submitted.at(-1)).toMatchObject({
      command: { type: 'CancelOrder', orderId: id, owner: 'trader1' },
      by: { reason: 'fat finger' },
    });
    const again = await client.ask('TRADER', 'DELETE', `/api/v1/orders/${id}`);
    expect([again.status, again.body.code]).toEqual([409, 'ORDER_NOT_WORKING']);
  });
  test('of another trader’s order is a 404 that leaves no event, and an administrator may', async () => {
    const { order_id: id } = await client.place();
    const before = house.engine.position;
    const theirs = await client.ask('trader2', 'DELETE', `/api/v1/orders/${id}`);
    expect([theirs.status, theirs.body.code]).toEqual([404, 'ORDER_UNKNOWN']);
    expect(house.engine.position).toBe(before);
    expect((await client.ask('ADMIN', 'DELETE', `/api/v1/orders/${id}`)).status).toBe(200);
  });
  test('of what never was is a 404, of what is finished a 409, and neither leaves an event', async () => {
    const { order_id: id } = await client.place();
    house.report(id, filled('100', '150.25'));
    const before = house.engine.submitted.length;
    expect((await client.ask('TRADER', 'DELETE', `/api/v1/orders/${id}`)).body.code).toBe(
      'ORDER_NOT_WORKING',
    );
    expect((await client.ask('trader2', 'DELETE', `/api/v1/orders/${id}`)).body.code).toBe('ORDER_UNKNOWN');
    const nobody = '0198c0de-0000-7000-8000-000000000000';
    expect((await client.ask('ADMIN', 'DELETE', `/api/v1/orders/${nobody}`)).body.code).toBe('ORDER_UNKNOWN');
    expect((await client.ask('ADMIN', 'DELETE', '/api/v1/orders/not-an-id')).body.code).toBe('ORDER_UNKNOWN');
    expect(house.engine.submitted.length).toBe(before);
  });
});

describe('GET /api/v1/orders', () => {
  test('one order has the fields of the contract, with null where nothing is yet', async () => {
    const { order_id: id, correlation_id, timestamp } = await client.place();
    const { body } = await client.ask('TRADER', 'GET', `/api/v1/orders/${id}`);
    expect(body).toMatchObject({
      order_id: id,
      correlation_id,
      symbol: 'AAPL',
      side: 'BUY',
      quantity: 100,
      price: 150.5,
      status: 'APPROVED',
      executed_quantity: 0,
      executed_price: null,
      created_at: timestamp,
      rejection_reason: null,
    });
  });
  test('fills show as the exact average, and the status moves in the contract’s words', async () => {
    const { order_id: id } = await client.place();
    const look = async () => {
      const { text, body } = await client.ask('TRADER', 'GET', `/api/v1/orders/${id}`);
      return [body.status, /"executed_quantity":([^,]+),"executed_price":([^,]+)/.exec(text)?.slice(1)];
    };
    house.report(id, { kind: 'acknowledged' });
    expect(await look()).toEqual(['EXECUTING', ['0', 'null']]);
    house.report(id, filled('33', '150.1'));
    expect(await look()).toEqual(['PARTIALLY_EXECUTED', ['33', '150.1']]);
    house.report(id, filled('67', '150.2'));
    expect(await look()).toEqual(['EXECUTED', ['100', '150.167']]);
  });
  test('a refused order says why', async () => {
    const { order_id: id } = await client.place({ quantity: 100_000 });
    const { body } = await client.ask('TRADER', 'GET', `/api/v1/orders/${id}`);
    expect(body.status).toBe('REJECTED');
    expect(body.rejection_reason).toMatch(/^Risk violations: POSITION_LIMIT/);
  });
  test('a trader sees their own, everyone else all', async () => {
    const mine = await client.place();
    const theirs = await client.place({}, 'trader2');
    const ids = async (who: Who) => {
      const { body } = await client.ask(who, 'GET', '/api/v1/orders');
      expect(body.total).toBe(body.orders.length);
      return body.orders.map((one: { order_id: string }) => one.order_id);
    };
    expect(await ids('TRADER')).toEqual([mine.order_id]);
    expect(await ids('trader2')).toEqual([theirs.order_id]);
    for (const who of ['RISK_MANAGER', 'COMPLIANCE', 'ADMIN'] as const) {
      expect(await ids(who)).toEqual([theirs.order_id, mine.order_id]);
    }
    expect((await client.ask('TRADER', 'GET', `/api/v1/orders/${theirs.order_id}`)).status).toBe(404);
    expect((await client.ask('COMPLIANCE', 'GET', `/api/v1/orders/${theirs.order_id}`)).status).toBe(200);
  });
  test('filters and pages', async () => {
    for (let i = 0; i < 5; i++) await client.place({ quantity: i + 1 });
    await client.place({ symbol: 'MSFT', quantity: 100_000 });
    const { body: page } = await client.ask('TRADER', 'GET', '/api/v1/orders?limit=2&symbol=aapl');
    expect(page).toMatchObject({ total: 5, orders: [{ quantity: 5 }, { quantity: 4 }] });
    const { body: next } = await client.ask(
      'TRADER',
      'GET',
      `/api/v1/orders?limit=2&symbol=AAPL&cursor=${page.next_cursor}`,
    );
    expect(next.orders.map((one: { quantity: number }) => one.quantity)).toEqual([3, 2]);
    const { body: refused } = await client.ask('TRADER', 'GET', '/api/v1/orders?status=REJECTED');
    expect(refused).toMatchObject({
      total: 1,
      next_cursor: null,
      orders: [{ symbol: 'MSFT', status: 'REJECTED' }],
    });
    expect((await client.ask('TRADER', 'GET', '/api/v1/orders?status=PENDING')).body.orders).toEqual([]);
  });
  test.each([
    'limit=0',
    'limit=1001',
    'limit=x',
    'limit=1&limit=2',
    'status=NEW',
    'symbol=',
    'junk=1',
    'cursor=',
    'cursor=made-up',
  ])('the query %s is refused by name', async (query) => {
    const { status, body } = await client.ask('TRADER', 'GET', `/api/v1/orders?${query}`);
    expect(status).toBe(422);
    expect(body.errors[0].field).toBe(query.split('=')[0]);
  });
});
