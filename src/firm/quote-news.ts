/** The market as the engines see it, told to nodes that have no feed of their own: for people to look at. */
import type { Channels } from '../cache/channels.ts';
import type { Price, Quantity } from '../core/values/fixed-point.ts';
import type { Micros, Ticker } from '../core/values/names.ts';
import type { Quote, Quotes } from '../market-data/quotes.ts';

/** Spoken on by the engine that owns the first shard. */
export const QUOTES_CHANNEL = 'itirp:quotes';
/** Between two words, in milliseconds: faster than people read, slower than a market ticks. */
const EVERY_MS = 100;
/** So often everything is told again, for whoever came in between, in milliseconds. */
const ANEW_MS = 2_000;

/** Tells what changed on `quotes` from now on. Returns how to stop. */
export function tellQuotes(quotes: Quotes, channels: Channels): () => void {
  const known = new Map<Ticker, Quote>();
  let changed = new Map<Ticker, Quote>();
  const leave = quotes.subscribe((quote) => {
    known.set(quote.ticker, quote);
    changed.set(quote.ticker, quote);
  });
  const tell = (): void => {
    if (changed.size === 0) return;
    channels.publish(QUOTES_CHANNEL, encodeQuotes([...changed.values()]));
    changed = new Map();
  };
  const timer = setInterval(tell, EVERY_MS);
  const anew = setInterval(() => {
    changed = new Map(known);
  }, ANEW_MS);
  return () => {
    clearInterval(timer);
    clearInterval(anew);
    leave();
  };
}

/** Hands what is told to `sink`. A message that does not read is no news. Returns how to stop. */
export const hearQuotes = (channels: Channels, sink: (quote: Quote) => void): (() => void) =>
  channels.subscribe(QUOTES_CHANNEL, (message) => {
    for (const quote of decodeQuotes(message)) sink(quote);
  });

/** Rows of ticker, bid, ask, sizes (units of 1e-8 as decimal integers) and microseconds, as JSON. */
export const encodeQuotes = (quotes: readonly Quote[]): Buffer =>
  Buffer.from(
    JSON.stringify(
      quotes.map(({ ticker, bid, ask, bidSize, askSize, at }) => [
        ticker,
        String(bid),
        String(ask),
        String(bidSize),
        String(askSize),
        at,
      ]),
    ),
  );

/** None where the message does not read. */
export function decodeQuotes(message: Buffer): readonly Quote[] {
  try {
    const rows: unknown = JSON.parse(message.toString('utf8'));
    return Array.isArray(rows) ? rows.map(quoteOf) : [];
  } catch {
    return [];
  }
}

/** @throws SyntaxError or TypeError where the row is none */
function quoteOf(row: unknown): Quote {
  if (!Array.isArray(row) || row.length !== 6) throw new TypeError('a quote has six fields');
  const [ticker, bid, ask, bidSize, askSize, at] = row as readonly unknown[];
  if (typeof ticker !== 'string' || typeof at !== 'number')
    throw new TypeError('a quote names its ticker and time');
  return {
    ticker: ticker as Ticker,
    bid: integerOf(bid) as Price,
    ask: integerOf(ask) as Price,
    bidSize: integerOf(bidSize) as Quantity,
    askSize: integerOf(askSize) as Quantity,
    at: at as Micros,
  };
}

function integerOf(value: unknown): bigint {
  if (typeof value !== 'string' || !/^-?\d{1,30}$/.test(value))
    throw new TypeError('an amount is a whole number');
  return BigInt(value);
}
