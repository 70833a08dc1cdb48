/** The newest quote of every instrument. Sampled and stamped on commands; never sequenced. */
import type { SampledQuote } from '../core/commands.ts';
import type { Price, Quantity } from '../core/values/fixed-point.ts';
import type { Micros, Ticker } from '../core/values/names.ts';

export interface Quote {
  readonly ticker: Ticker;
  readonly bid: Price;
  readonly ask: Price;
  readonly bidSize: Quantity;
  readonly askSize: Quantity;
  /** When it was received, by this machine's clock: what staleness is counted from. */
  readonly at: Micros;
}

export interface Quotes {
  latest(ticker: Ticker): Quote | undefined;
  /** What a command is stamped with; undefined where no quote was ever seen. */
  sample(ticker: Ticker): SampledQuote | undefined;
  /** Calls `listener` with each new quote. Returns how to stop. */
  subscribe(listener: (quote: Quote) => void): () => void;
}
