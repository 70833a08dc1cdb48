/** Quotes on their way to nodes without a feed: exact, and never an error. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { Channels } from '../cache/channels.ts';
import type { Price, Quantity } from '../core/values/fixed-point.ts';
import type { Micros, Ticker } from '../core/values/names.ts';
import { QuoteBoard } from '../market-data/quote-board.ts';
import type { Quote } from '../market-data/quotes.ts';
import { decodeQuotes, encodeQuotes, hearQuotes, tellQuotes } from './quote-news.ts';

const anyAmount = fc.bigInt({ min: 1n, max: 10n ** 20n });
const anyQuote = fc.record({
  ticker: fc.string({ minLength: 1, maxLength: 20 }).map((text) => text as Ticker),
  bid: anyAmount.map((amount) => amount as Price),
  ask: anyAmount.map((amount) => amount as Price),
  bidSize: anyAmount.map((amount) => amount as Quantity),
  askSize: anyAmount.map((amount) => amount as Quantity),
  at: fc.integer({ min: 0, max: 2 ** 52 }).map((at) => at as Micros),
});

test('what is told is heard as it was', () => {
  fc.assert(
    fc.property(fc.array(anyQuote), (quotes) => {
      expect(decodeQuotes(encodeQuotes(quotes))).toEqual(quotes);
    }),
  );
});

test('whatever else comes over the channel is no news, and no error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        expect(Array.isArray(decodeQuotes(Buffer.from(bytes)))).toBe(true);
      },
    ),
  );
});

test('a board is told of what changes, and all of it again to whoever comes later', () => {
  vi.useFakeTimers();
  const listeners = new Set<(message: Buffer) => void>();
  const channels: Channels = {
    isUp: true,
    publish: (_channel, message) => {
      for (const listener of listeners) listener(message);
    },
    subscribe: (_channel, listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const clock = () => 1 as Micros;
  const board = new QuoteBoard({ stalenessMs: 1_000, clock });
  const far = new QuoteBoard({ stalenessMs: 1_000, clock });
  const stop = tellQuotes(board, channels);
  const quote: Quote = {
    ticker: 'AAPL' as Ticker,
    bid: 1n as Price,
    ask: 2n as Price,
    bidSize: 1n as Quantity,
    askSize: 1n as Quantity,
    at: 1 as Micros,
  };
  board.publish(quote);
  vi.advanceTimersByTime(100); // nobody listens yet
  hearQuotes(channels, (heard) => far.publish(heard));
  expect(far.latest(quote.ticker)).toBeUndefined();
  vi.advanceTimersByTime(2_200);
  expect(far.latest(quote.ticker)).toEqual(quote);
  stop();
  board.publish({ ...quote, bid: 2n as Price });
  vi.advanceTimersByTime(5_000);
  expect(far.latest(quote.ticker)).toEqual(quote);
  vi.useRealTimers();
});
