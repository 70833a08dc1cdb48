import { expect, test } from 'vitest';
import { price, quantity } from '../core/values/fixed-point.ts';
import type { Micros, Ticker } from '../core/values/names.ts';
import { QuoteBoard } from './quote-board.ts';
import type { Quote } from './quotes.ts';

const SPY = 'SPY' as Ticker;
const quote = (bid: string, ask: string, at = 0, bidSize = '100', askSize = '200'): Quote => ({
  ticker: SPY,
  bid: price(bid),
  ask: price(ask),
  bidSize: quantity(bidSize),
  askSize: quantity(askSize),
  at: at as Micros,
});

function boardAt(clock: { now: number }): QuoteBoard {
  return new QuoteBoard({ stalenessMs: 5_000, clock: () => clock.now as Micros });
}

test('an instrument that was never quoted has no sample', () => {
  expect(boardAt({ now: 0 }).sample(SPY)).toBeUndefined();
});

test.each([
  ['167.25', '167.27', '167.26'],
  ['1.00000000', '1.00000001', '1'], // half of 1e-8 goes to the even neighbour: down
  ['1.00000001', '1.00000002', '1.00000002'], // and up
  ['-2', '1', '-0.5'],
])('the mark between %s and %s is %s', (bid, ask, mark) => {
  const board = boardAt({ now: 0 });
  board.publish(quote(bid, ask));
  expect(board.sample(SPY)?.mark).toBe(price(mark));
});

test('a quote is fresh up to the staleness limit and stale one microsecond later', () => {
  const clock = { now: 1_000_000 };
  const board = boardAt(clock);
  board.publish(quote('1', '2', 1_000_000));
  clock.now += 5_000_000;
  expect(board.sample(SPY)?.isFresh).toBe(true);
  clock.now += 1;
  expect(board.sample(SPY)?.isFresh).toBe(false);
});

test('crossed quotes and quotes without size are dropped, counted and told to nobody', () => {
  const board = boardAt({ now: 0 });
  const heard: Quote[] = [];
  board.subscribe((each) => heard.push(each));
  const good = quote('1', '2');
  expect(board.publish(good)).toBe(true);
  expect(board.publish(quote('2.01', '2'))).toBe(false);
  expect(board.publish(quote('1', '2', 0, '0'))).toBe(false);
  expect(board.publish(quote('1', '2', 0, '1', '0'))).toBe(false);
  expect([board.taken, board.dropped]).toEqual([1, 3]);
  expect(heard).toEqual([good]);
  expect(board.latest(SPY)).toBe(good);
});

test('a locked market, bid equal to ask, is a market', () => {
  const board = boardAt({ now: 0 });
  expect(board.publish(quote('2', '2'))).toBe(true);
});

test('a listener that left hears nothing more, and its twin stays', () => {
  const board = boardAt({ now: 0 });
  let heard = 0;
  const listener = (): void => {
    heard += 1;
  };
  const leave = board.subscribe(listener);
  board.subscribe(listener);
  board.publish(quote('1', '2'));
  leave();
  board.publish(quote('1', '2'));
  expect(heard).toBe(3);
});
