import { expect, test } from 'vitest';
import { price } from '../../../core/values/fixed-point.ts';
import { openSmallHouse } from '../testing/small-house.ts';

test('quotes are shown for what is listed and was quoted, with the steps of price and quantity', async () => {
  const house = await openSmallHouse();
  house.marks.set('AAPL', price('150.25'));
  house.marks.set('NOSUCH', price('1'));
  const headers = { authorization: house.bearer('TRADER') };
  const answer = await house.app.inject({ url: '/api/v1/market/quotes', headers });
  expect(answer.statusCode).toBe(200);
  const { quotes, market_time } = answer.json();
  expect(market_time).toBeNull();
  expect(quotes).toEqual([
    expect.objectContaining({ symbol: 'AAPL', bid: 150.25, ask: 150.25, tick_size: 0.01, lot_size: 1 }),
  ]);
  await house.app.close();
});

test('nobody sees the market without a token', async () => {
  const house = await openSmallHouse();
  expect((await house.app.inject({ url: '/api/v1/market/quotes' })).statusCode).toBe(401);
  await house.app.close();
});
