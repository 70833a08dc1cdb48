/** Prices to send orders at: those that trade at once, and those that rest, by the newest quotes there are. */
import { Fault } from '../faults/fault.ts';
import type { Quote } from './control.ts';

/** Beyond the other side of the quote by so much, it trades whatever the market does meanwhile. */
const THROUGH = 0.05;
/** Behind its own side of the quote by so much, nothing reaches it for a while. */
const BEHIND = 0.2;
const DECIMALS_MAX = 8;

export type Side = 'BUY' | 'SELL';

export class Market {
  readonly #quotes = new Map<string, Quote>();
  readonly #symbols: string[] = [];

  get symbols(): readonly string[] {
    return this.#symbols;
  }

  /** @throws Fault LOAD_TARGET_FAILED: there is nothing to trade in */
  learn(quotes: readonly Quote[]): void {
    for (const quote of quotes) {
      if (!this.#quotes.has(quote.symbol)) this.#symbols.push(quote.symbol);
      this.#quotes.set(quote.symbol, quote);
    }
    if (this.#symbols.length === 0) throw new Fault('LOAD_TARGET_FAILED', 'no instrument has a quote yet');
  }

  /** One lot of `symbol`. */
  lot(symbol: string): string {
    return inSteps(1, this.#quote(symbol).lot_size);
  }

  /** A limit that trades at once. */
  through(symbol: string, side: Side): string {
    const { bid, ask, tick_size } = this.#quote(symbol);
    return side === 'BUY'
      ? inSteps(Math.ceil((ask * (1 + THROUGH)) / tick_size), tick_size)
      : inSteps(Math.max(1, Math.floor((bid * (1 - THROUGH)) / tick_size)), tick_size);
  }

  /** A limit that rests. */
  behind(symbol: string, side: Side): string {
    const { bid, ask, tick_size } = this.#quote(symbol);
    return side === 'BUY'
      ? inSteps(Math.max(1, Math.floor((bid * (1 - BEHIND)) / tick_size)), tick_size)
      : inSteps(Math.ceil((ask * (1 + BEHIND)) / tick_size), tick_size);
  }

  #quote(symbol: string): Quote {
    const quote = this.#quotes.get(symbol);
    if (quote === undefined) throw new TypeError(`no quote for ${symbol}`);
    return quote;
  }
}

/** `count` steps of `step`, as the decimal that they are. */
function inSteps(count: number, step: number): string {
  const [, fraction = ''] = step.toFixed(DECIMALS_MAX).replace(/0+$/, '').split('.');
  return (count * step).toFixed(fraction.length);
}
