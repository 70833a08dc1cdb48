/** `POST /api/v1/orders` to the letter of the contract: what it answers, and what the core is asked. */
import { beforeEach, describe, expect, test } from 'vitest';
import { price } from '../../core/values/fixed-point.ts';
import { Client, ORDER, TIME, UUID } from './testing/client.ts';
import { openSmallHouse, type SmallHouse } from './testing/small-house.ts';

let house: SmallHouse;
let client: Client;
beforeEach(async () => {
  house = await openSmallHouse();
  client = new Client(house);
});

describe('POST /api/v1/orders', () => {
  test('answers APPROVED with the fields of the contract, and the core has the order as it was meant', async () => {
    const { status, body, headers } = await client.ask('TRADER', 'POST', '/api/v1/orders', ORDER);
    expect(status).toBe(200);
    expect(body).toEqual({
      order_id: expect.stringMatching(UUID),
      status: 'APPROVED',
      correlation_id: expect.stringMatching(UUID),
      timestamp: expect.stringMatching(TIME),
      message: expect.any(String),
    });
    expect(headers['x-correlation-id']).toBe(body.correlation_id);
    expect(house.engine.submitted).toMatchObject([
      {
        command: {
          type: 'PlaceOrder',
          order: {
            orderId: body.order_id,
            correlationId: body.correlation_id,
            user: 'trader1',
            account: 'HOUSE',
            ticker: 'AAPL',
            side: 'BUY',
            type: 'LIMIT',
            quantity: 10_000_000_000n,
            price: 15_050_000_000n,
            strategy: 'default',
            clientOrderId: undefined,
          },
          quote: undefined,
        },
        by: { user: 'trader1', origin: '127.0.0.1', correlationId: body.correlation_id },
      },
    ]);
  });

  test('takes a symbol in any case, a decimal as a string, and a correlation id that is a UUID', async () => {
    const id = '0198C0DE-0000-7000-8000-00000000ABCD';
    const headers = { authorization: house.bearer('ADMIN'), 'x-correlation-id': id };
    const payload = { ...ORDER, symbol: 'aapl', price: '150.50', quantity: '1e2' };
    const refused = await house.app.inject({ method: 'POST', url: '/api/v1/orders', headers, payload });
    expect(refused.json()).toMatchObject({ status: 422, correlation_id: id.toLowerCase() });
    const taken = await house.app.inject({
      method: 'POST',
      url: '/api/v1/orders/',
      headers,
      payload: { ...payload, quantity: '100' },
    });
    expect(taken.json()).toMatchObject({ status: 'APPROVED', correlation_id: id.toLowerCase() });
    const stranger = await house.app.inject({
      method: 'POST',
      url: '/api/v1/orders',
      headers: { ...headers, 'x-correlation-id': 'mine' },
      payload: ORDER,
    });
    expect(stranger.json().correlation_id).toMatch(UUID);
  });

  test('a JSON number that no double holds arrives in the core with every digit', async () => {
    const headers = { authorization: house.bearer('TRADER'), 'content-type': 'application/json' };
    const payload = '{"symbol":"ZZZ","side":"SELL","quantity":12345678901.12345678,"price":1e-8}';
    await house.app.inject({ method: 'POST', url: '/api/v1/orders', headers, payload });
    expect(house.engine.submitted[0]?.command).toMatchObject({
      order: { quantity: 1_234_567_890_112_345_678n, price: 1n },
    });
  });

  test('an order that fails risk is a 200 with REJECTED, the rules, and what each saw', async () => {
    const { status, body, text } = await client.ask('TRADER', 'POST', '/api/v1/orders', {
      ...ORDER,
      quantity: 10_000,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'REJECTED',
      message: 'Risk violations: POSITION_LIMIT',
      reason: 'RISK',
    });
    expect(text).toContain(
      '{"rule":"POSITION_LIMIT","observed":1505000,"limit":1000000,"reference_price":150.5}',
    );
  });

  test('with the kill switch on the message is the contract’s own', async () => {
    await client.ask('RISK_MANAGER', 'POST', '/api/v1/risk/kill-switch?enabled=true');
    expect(await client.place()).toMatchObject({
      status: 'REJECTED',
      message: 'Kill switch is active - all trading halted',
    });
  });

  test('an unknown symbol is the core’s to refuse, with a reason of its own', async () => {
    expect(await client.place({ symbol: 'NOPE' })).toMatchObject({
      status: 'REJECTED',
      message: 'Risk violations: UNKNOWN_SYMBOL',
    });
  });

  test('a market order has no price, and is stamped with the quote of the moment', async () => {
    house.marks.set('AAPL', price('151'));
    const { price: _price, ...market } = ORDER;
    const { status, body } = await client.ask('TRADER', 'POST', '/api/v1/orders', {
      ...market,
      type: 'MARKET',
    });
    expect([status, body.status]).toEqual([200, 'APPROVED']);
    expect(house.engine.submitted[0]?.command).toMatchObject({
      order: { type: 'MARKET', price: undefined },
      quote: { mark: price('151'), isFresh: true },
    });
  });

  test('a client_order_id of null is none, as in our own answers', async () => {
    for (let n = 0; n < 2; n++) {
      const { status, order_id: id } = await client.place({ client_order_id: null });
      expect(status).toBe('APPROVED');
      const { body } = await client.ask('TRADER', 'GET', `/api/v1/orders/${id}`);
      expect(body.client_order_id).toBeNull();
    }
  });
  test('a client_order_id that comes again is a 409 that names the first order', async () => {
    const first = await client.place({ client_order_id: 'mine-0001-of-today' });
    const again = await client.ask('TRADER', 'POST', '/api/v1/orders', {
      ...ORDER,
      client_order_id: 'mine-0001-of-today',
    });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({
      code: 'CLIENT_ORDER_ID_DUPLICATE',
      order_id: first.order_id,
      status: 409,
    });
    const other = await client.ask('TRADER', 'POST', '/api/v1/orders', {
      ...ORDER,
      price: 151,
      client_order_id: 'mine-0001-of-today',
    });
    expect(other.body).toMatchObject({ code: 'CLIENT_ORDER_ID_CONFLICT', order_id: first.order_id });
    expect((await client.place({ client_order_id: 'mine-0001-of-today' }, 'ADMIN')).status).toBe('APPROVED');
  });

  test('every offending field is named at once, steps and schema together', async () => {
    const payload = {
      symbol: 'AAPL',
      side: 'HOLD',
      quantity: 1.5,
      price: '150.505',
      junk: 1,
      strategy: 'x'.repeat(51),
    };
    const { status, body, headers } = await client.ask('TRADER', 'POST', '/api/v1/orders', payload);
    expect(status).toBe(422);
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(
      Object.fromEntries(
        body.errors.map((one: { field: string; message: string }) => [one.field, one.message]),
      ),
    ).toEqual({
      junk: 'is not a known field',
      side: 'must be one of BUY, SELL',
      strategy: 'must NOT have more than 50 characters',
      quantity: 'must be a multiple of 1',
      price: 'must be a multiple of 0.01',
    });
    expect(body.detail).toContain('side: must be one of BUY, SELL');
    expect(house.engine.submitted).toEqual([]);
  });
});
