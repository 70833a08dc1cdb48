/** The price that a day's fills are measured against: volume-weighted where trades are known, else time-weighted. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { divideHalfEven } from '../../core/values/fixed-point.ts';
import { Fault } from '../../faults/fault.ts';
import { type Amount, amountOf } from './amounts.ts';

export interface Benchmark {
  /** `VWAP` or `TWAP`. */
  readonly name: string;
  /** How it was made, for the report. */
  readonly says: string;
  /** By trading day, `YYYY-MM-DD` in the file's own zone. */
  readonly priceOf: (day: string) => Amount | undefined;
}

interface Bar {
  readonly day: string;
  readonly price: Amount;
  readonly weight: Amount;
}

/** From the file of trades beside a file of quotes, else from the quotes themselves. @throws Fault FEED_INVALID */
export function benchmarkFor(quotesFile: string): Benchmark {
  const tradesFile = quotesFile.replace(/quotes(?=[^/]*$)/, 'trades');
  if (tradesFile !== quotesFile && existsSync(tradesFile)) {
    const prices = averages(readTable(tradesFile).map(tradedBar));
    const says = `volume-weighted, from ${basename(tradesFile)}: (high + low + close) / 3 a bar`;
    return { name: 'VWAP', says, priceOf: (day) => prices.get(day) };
  }
  const prices = averages(readTable(quotesFile).map(quotedBar));
  const says = `time-weighted midpoints from ${basename(quotesFile)}: no file of trades lies beside it`;
  return { name: 'TWAP', says, priceOf: (day) => prices.get(day) };
}

type Row = Readonly<Record<string, string>>;

function readTable(file: string): readonly Row[] {
  const [header = '', ...lines] = textOf(file).trim().split(/\r?\n/);
  const names = header.split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, fields[i] ?? '']));
  });
}

/** @throws Fault FEED_INVALID */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Fault('FEED_INVALID', (error as Error).message, { cause: error });
  }
}

const dayOf = (row: Row): string => (row.time ?? '').slice(0, 10);

const tradedBar = (row: Row): Bar => ({
  day: dayOf(row),
  price: divideHalfEven(amountOf(row.high) + amountOf(row.low) + amountOf(row.close), 3n),
  weight: amountOf(row.volume),
});

const quotedBar = (row: Row): Bar => ({
  day: dayOf(row),
  price: (amountOf(row.bid_close) + amountOf(row.ask_close)) / 2n,
  weight: 1n,
});

function averages(bars: readonly Bar[]): ReadonlyMap<string, Amount> {
  const sums = new Map<string, { product: Amount; weight: Amount }>();
  for (const { day, price, weight } of bars) {
    const { product, weight: sum } = sums.get(day) ?? { product: 0n, weight: 0n };
    sums.set(day, { product: product + price * weight, weight: sum + weight });
  }
  const known = [...sums].filter(([, { weight }]) => weight > 0n);
  return new Map(known.map(([day, { product, weight }]) => [day, divideHalfEven(product, weight)]));
}

/** How long the file's quotes take at real speed, nights shortened as the feed does, in ms. @throws Fault FEED_INVALID */
export function recordedMs(quotesFile: string, silenceMaxMs: number): number {
  const times = readTable(quotesFile).map((row) => Date.parse(row.time ?? ''));
  if (times.length === 0 || times.some(Number.isNaN)) {
    throw new Fault('FEED_INVALID', `${basename(quotesFile)} has no quotes with times in it`);
  }
  return times.reduce((sum, time, i) => sum + Math.min(time - (times[i - 1] ?? time), silenceMaxMs), 0);
}
