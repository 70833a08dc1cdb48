import { expect, test } from 'vitest';
import { isOnLot, isOnTick } from '../core/instruments/instrument.ts';
import { price, quantity } from '../core/values/fixed-point.ts';
import { UNIVERSE } from './universe.ts';

test('a dozen instruments are listed, each once', () => {
  const tickers = UNIVERSE.map(({ instrument }) => instrument.ticker);
  expect(new Set(tickers).size).toBe(12);
  expect(tickers).toEqual(expect.arrayContaining(['AAPL', 'SPY', 'EURUSD', 'BTCUSD']));
});

test.each(UNIVERSE)('$instrument.ticker starts on its own tick and lot grid', (listing) => {
  expect(isOnTick(listing.instrument, listing.startPrice)).toBe(true);
  expect(isOnLot(listing.instrument, listing.size)).toBe(true);
  expect(listing.startPrice > 0n && listing.size > 0n && listing.spreadTicks > 0).toBe(true);
});

test("the v1 clients' order, 100 AAPL at 150.5, is on tick and lot", () => {
  const apple = UNIVERSE[0]?.instrument;
  expect(apple?.ticker).toBe('AAPL');
  expect(apple && isOnTick(apple, price('150.5')) && isOnLot(apple, quantity('100'))).toBe(true);
});
