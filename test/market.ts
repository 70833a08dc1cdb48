/** A market that stands still, for tests: one quote an instrument, so that every fill can be told beforehand. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from './server.ts';

export interface StandingQuote {
  readonly ticker: string;
  readonly bid: string;
  readonly ask: string;
  /** On both sides, once: who comes after it is used up rests. */
  readonly size: number;
}

const HEADER =
  'time,ticker,bid_open,bid_high,bid_low,bid_close,bid_size,ask_open,ask_high,ask_low,ask_close,ask_size';

/** Writes the quotes to a file in `folder`; what a server needs in its environment to play it. */
export async function standingMarket(folder: string, quotes: readonly StandingQuote[]): Promise<Environment> {
  const path = join(folder, 'standing-quotes.csv');
  const four = (price: string): string => Array.from({ length: 4 }, () => price).join(',');
  const lines = quotes.map(
    ({ ticker, bid, ask, size }) =>
      `2026-01-30T14:30:00Z,${ticker},${four(bid)},${size},${four(ask)},${size}`,
  );
  await writeFile(path, `${[HEADER, ...lines].join('\n')}\n`);
  return { QUOTES_FILE: path, QUOTES_SPEED: '1000000', QUOTE_STALENESS_MS: '1000000000' };
}
