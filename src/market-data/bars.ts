/** Reads a CSV file's lines of bid and ask bars, and turns each bar into the quotes it stands for. */

import { type Price, parseFixed, type Quantity } from '../core/values/fixed-point.ts';
import type { Micros, Ticker } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Quote } from './quotes.ts';

/** A quote as recorded: `at` is when the market showed it, not when we received it. */
export type RecordedQuote = Quote;

const PRICES = [
  'bid_open',
  'bid_high',
  'bid_low',
  'bid_close',
  'ask_open',
  'ask_high',
  'ask_low',
  'ask_close',
] as const;
const SIZES = ['bid_size', 'ask_size'] as const;
const REQUIRED = ['time', ...PRICES, ...SIZES] as const;
type Column = (typeof REQUIRED)[number] | 'ticker';

/** The four instants of a one-minute bar, in the order they are played, 15 seconds apart. */
const INSTANTS = [
  { name: 'open', bid: 'bid_open', ask: 'ask_open', seconds: 0 },
  { name: 'low', bid: 'bid_low', ask: 'ask_low', seconds: 15 },
  { name: 'high', bid: 'bid_high', ask: 'ask_high', seconds: 30 },
  { name: 'close', bid: 'bid_close', ask: 'ask_close', seconds: 45 },
] as const;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$/;
const TICKER = /^[A-Z0-9][A-Z0-9._/-]{0,19}$/;

/** Where a bar's fields stand in a line, and whose they are where no column says so. */
export class BarReader {
  readonly #file: string;
  readonly #columns: ReadonlyMap<Column, number>;
  readonly #count: number;
  readonly #ticker: Ticker | undefined;
  #last = 0; // microseconds; bars may not run backwards

  /** @throws Fault FEED_INVALID: a column is missing, or nothing names the instrument */
  constructor(file: string, header: string, ticker: Ticker | undefined) {
    const names = header.split(',').map((name) => name.trim().toLowerCase());
    this.#file = file;
    this.#count = names.length;
    this.#columns = new Map(names.map((name, i) => [name as Column, i]));
    this.#ticker = ticker;
    const missing = REQUIRED.filter((column) => !this.#columns.has(column));
    if (missing.length > 0) {
      throw this.#invalid(
        1,
        `column ${missing.join(', ')} is missing`,
        `head the file with ${REQUIRED.join(',')}`,
      );
    }
    if (ticker === undefined && !this.#columns.has('ticker')) {
      throw this.#invalid(
        1,
        'nothing names the instrument',
        'name the file TICKER-anything.csv, or add a ticker column',
      );
    }
  }

  /**
   * The bar's quotes in the order they are played: open, low, high, close, at 0, 15, 30 and 45 seconds past
   * the bar's own time, which is its start. What happened between is not in the file; each quote shows the
   * bar's whole size. Lows (and highs) of bid and ask need not have been at one instant, so such a pair may
   * be crossed: the board drops it.
   * @throws Fault FEED_INVALID naming file, line and remedy
   */
  read(line: string, lineNumber: number): readonly RecordedQuote[] {
    const fields = line.split(',');
    if (fields.length !== this.#count) {
      throw this.#invalid(
        lineNumber,
        `${fields.length} fields where the header has ${this.#count}`,
        'complete the line',
      );
    }
    const text = (column: Column): string => (fields[this.#columns.get(column) ?? -1] ?? '').trim();
    const amount = (column: Column): bigint => this.#amount(text(column), column, lineNumber);
    const start = this.#time(text('time'), lineNumber);
    const ticker = this.#columns.has('ticker') ? this.#tickerOf(text('ticker'), lineNumber) : this.#ticker;
    if (ticker === undefined) return [];
    const bidSize = amount('bid_size') as Quantity;
    const askSize = amount('ask_size') as Quantity;
    return INSTANTS.map(({ bid, ask, seconds }) => ({
      ticker,
      bid: amount(bid) as Price,
      ask: amount(ask) as Price,
      bidSize,
      askSize,
      at: (start + seconds * 1_000_000) as Micros,
    }));
  }

  #amount(text: string, column: Column, lineNumber: number): bigint {
    const value = parseFixed(text);
    if (typeof value !== 'bigint') {
      throw this.#invalid(
        lineNumber,
        `${column} "${shown(text)}" is ${value}`,
        'write it as plain as 167.25',
      );
    }
    if (value < 0n) {
      throw this.#invalid(lineNumber, `${column} ${shown(text)} is negative`, 'correct or remove the line');
    }
    return value;
  }

  /** Microseconds since 1970. */
  #time(text: string, lineNumber: number): number {
    const milliseconds = TIME.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(milliseconds)) {
      throw this.#invalid(
        lineNumber,
        `time "${shown(text)}" is no instant`,
        'write it as 2013-10-07T09:30:00-04:00',
      );
    }
    const micros = milliseconds * 1000;
    if (micros < this.#last) {
      throw this.#invalid(
        lineNumber,
        `time ${shown(text)} is before the line above`,
        'sort the file by time',
      );
    }
    this.#last = micros;
    return micros;
  }

  #tickerOf(text: string, lineNumber: number): Ticker {
    const ticker = text.toUpperCase();
    if (!TICKER.test(ticker)) {
      throw this.#invalid(lineNumber, `ticker "${shown(text)}" is none`, 'use 1 to 20 of A-Z 0-9 . _ / -');
    }
    return ticker as Ticker;
  }

  #invalid(lineNumber: number, what: string, remedy: string): Fault {
    return new Fault('FEED_INVALID', `${this.#file}, line ${lineNumber}: ${what}; ${remedy}`);
  }
}

/**
 * The instrument a file is named for: `spy-minute-quotes.csv` is SPY's; undefined where the name has no `-`.
 */
export function tickerOfFile(fileName: string): Ticker | undefined {
  const [first, ...rest] = fileName.split('-');
  const ticker = first?.toUpperCase() ?? '';
  return rest.length > 0 && TICKER.test(ticker) ? (ticker as Ticker) : undefined;
}

/** Text from a file, fit for one line of a message. */
const shown = (text: string): string => JSON.stringify(text.slice(0, 40)).slice(1, -1);
