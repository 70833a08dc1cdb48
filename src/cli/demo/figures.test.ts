/** The demo's figures: amounts for people, sizes for orders, prices to measure against. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { price, quantity } from '../../core/values/fixed-point.ts';
import { Random } from '../../market-data/random.ts';
import { amountOf, counted, shown, signed, worth } from './amounts.ts';
import { benchmarkFor, recordedMs } from './benchmark.ts';
import { scriptOf } from './script.ts';
import { CHARACTERS, intentOf, quantityFor } from './traders.ts';

const quote = {
  symbol: 'SPY',
  bid: price('100.00'),
  ask: price('100.10'),
  tick: price('0.01'),
  lot: quantity('1'),
};

describe('amounts', () => {
  test.each([
    ['1234567.891', 2, '1,234,567.89'],
    ['-1234.5', 2, '-1,234.50'],
    ['0.005', 2, '0.00'], // half to even
    ['0.015', 2, '0.02'],
    ['999', 0, '999'],
    ['1000', 0, '1,000'],
  ])('%s with %i places is %s', (text, places, expected) => {
    expect(shown(price(text), places)).toBe(expected);
  });
  test('profits carry their sign, counts their thousands', () => {
    expect([signed(price('1')), signed(price('-1')), signed(0n)]).toEqual(['+1.00', '-1.00', '0.00']);
    expect(counted(12345)).toBe('12,345');
  });
  test('what is no decimal is not taken for one', () => {
    expect(() => amountOf(null)).toThrow('an answer holds null');
  });
  test('price times quantity is rounded half to even at 1e-8', () => {
    expect(worth(price('0.00000001'), quantity('0.5'))).toBe(0n);
    expect(worth(price('0.00000003'), quantity('0.5'))).toBe(2n);
  });
});

describe('traders', () => {
  test('a size is whole lots, and one at least', () => {
    expect(quantityFor(price('1000'), quote)).toBe(quantity('9'));
    expect(quantityFor(price('1'), quote)).toBe(quantity('1'));
  });
  test('each style stands where its name says', () => {
    const dice = Random.fromSeed(1);
    const intents = CHARACTERS.flatMap((character) =>
      Array.from({ length: 50 }, () => intentOf(character, quote, dice)),
    );
    for (const { side, type, price: limit, strategy } of intents) {
      const isBuy = side === 'BUY';
      if (strategy === 'taker') expect([type, limit]).toEqual(['MARKET', undefined]);
      if (strategy === 'crosser') expect(limit).toBe(isBuy ? quote.ask : quote.bid);
      if (strategy === 'maker') expect(limit).toBe(isBuy ? price('100.01') : price('100.09'));
      if (strategy === 'patient') expect((limit ?? 0n) < quote.bid).toBe(isBuy);
    }
    expect(new Set(intents.map(({ strategy }) => strategy)).size).toBe(4);
  });
});

describe('the measure', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  const quotes = [
    'time,bid_open,bid_high,bid_low,bid_close,bid_size,ask_open,ask_high,ask_low,ask_close,ask_size',
    '2020-01-02T09:30:00-05:00,9,9,9,9,1,11,11,11,11,1',
    '2020-01-02T09:31:00-05:00,11,11,11,11,1,13,13,13,13,1',
    '2020-01-03T09:30:00-05:00,20,20,20,20,1,22,22,22,22,1',
  ];
  const trades = [
    'time,open,high,low,close,volume',
    '2020-01-02T09:30:00-05:00,10,10,10,10,300',
    '2020-01-02T09:31:00-05:00,20,20,20,20,100',
  ];

  function write(...files: [name: string, lines: readonly string[]][]): string {
    const folder = mkdtempSync(join(tmpdir(), 'itirp-figures-'));
    folders.push(folder);
    for (const [name, lines] of files) writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    return join(folder, files[0]?.[0] ?? '');
  }

  test('is the volume-weighted price where a file of trades lies beside', () => {
    const benchmark = benchmarkFor(write(['spy-quotes.csv', quotes], ['spy-trades.csv', trades]));
    expect(benchmark.name).toBe('VWAP');
    expect(benchmark.priceOf('2020-01-02')).toBe(price('12.5'));
    expect(benchmark.priceOf('2020-01-03')).toBeUndefined();
  });
  test('is the time-weighted midpoint of each day otherwise, and says so', () => {
    const benchmark = benchmarkFor(write(['spy-quotes.csv', quotes]));
    expect([benchmark.name, benchmark.says]).toEqual(['TWAP', expect.stringContaining('time-weighted')]);
    expect(benchmark.priceOf('2020-01-02')).toBe(price('11'));
    expect(benchmark.priceOf('2020-01-03')).toBe(price('21'));
  });
  test('nights are shortened when the length of a recording is reckoned', () => {
    expect(recordedMs(write(['spy-quotes.csv', quotes]), 900_000)).toBe(60_000 + 900_000);
  });
  test.each([
    ['no-such-file.csv', 'ENOENT'],
    ['package.json', 'no quotes'],
  ])('%s is refused by name', (file, says) => {
    const options = { quotes: file, speed: undefined, isPausing: false, seed: 1, dataDir: undefined };
    expect(() => scriptOf(options)).toThrow(says);
  });
  test('a market that would be over before the acts are is refused, with the speed that would do', () => {
    const quotesFile = write(['spy-quotes.csv', quotes]);
    const options = { quotes: quotesFile, speed: 1000, isPausing: false, seed: 1, dataDir: undefined };
    expect(() => scriptOf(options)).toThrow('--speed 21 at most');
    expect(scriptOf({ ...options, speed: 21 }).says).toBe('spy-quotes.csv at 21 times its speed');
  });
});
