/** Which market the platform sees: a recorded one, or a made-up one, and what can be traded in it. */
import { basename } from 'node:path';
import { BASE_CURRENCY, type Instrument } from '../core/instruments/instrument.ts';
import { price, quantity } from '../core/values/fixed-point.ts';
import type { Micros, Ticker } from '../core/values/names.ts';
import { tickerOfFile } from '../market-data/bars.ts';
import { CsvFeed } from '../market-data/csv-feed.ts';
import type { Feed } from '../market-data/feed.ts';
import { Generator } from '../market-data/generator.ts';
import { UNIVERSE } from '../market-data/universe.ts';
import type { Config } from './config.ts';

/** @throws Fault FEED_INVALID: QUOTES_FILE cannot be played */
export function feedOf(config: Config, clock: () => Micros): Feed {
  const { QUOTES_FILE: path, QUOTES_SPEED: speed, QUOTES_FROM: from } = config;
  if (path === undefined) {
    const { MARKET_SEED: seed, MARKET_INTERVAL_MS: intervalMs } = config;
    return new Generator({ universe: UNIVERSE, seed, intervalMs, clock });
  }
  const begin = from === undefined ? {} : { from: (Date.parse(from) * 1000) as Micros };
  return new CsvFeed({ path, speed, clock, ...begin });
}

/** The default universe; and a file's own ticker where the universe lacks it. */
export function instrumentsOf({ QUOTES_FILE: path }: Config): readonly Instrument[] {
  const instruments = UNIVERSE.map(({ instrument }) => instrument);
  const ticker = path === undefined ? undefined : tickerOfFile(basename(path));
  if (ticker === undefined || instruments.some((known) => known.ticker === ticker)) return instruments;
  return [...instruments, likeEquity(ticker)];
}

/** What a recording says nothing about: stepped like a US equity. */
export const likeEquity = (ticker: Ticker): Instrument => ({
  ticker,
  currency: BASE_CURRENCY,
  tickSize: price('0.01'),
  lotSize: quantity('1'),
});
