import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { price } from '../core/values/fixed-point.ts';
import type { Micros } from '../core/values/names.ts';
import { CsvFeed, type CsvFeedOptions } from './csv-feed.ts';
import { CONTRACT_TIME, feedContract } from './feed.contract.ts';
import type { Quote } from './quotes.ts';

const HEADER =
  'time,bid_open,bid_high,bid_low,bid_close,bid_size,ask_open,ask_high,ask_low,ask_close,ask_size';
const FIRST = '2013-10-07T09:30:00-04:00,167.27,167.30,167.15,167.25,300,168,168.5,167.26,167.28,20000';

const folder = mkdtempSync(join(tmpdir(), 'itirp-feed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function file(lines: readonly string[], name?: string): string {
  files += 1;
  const path = join(folder, name ?? `spy-${files}.csv`);
  writeFileSync(path, lines.join('\n'));
  return path;
}
const feedOf = (path: string, more: Partial<CsvFeedOptions> = {}): CsvFeed =>
  new CsvFeed({ path, speed: Number.POSITIVE_INFINITY, clock: () => CONTRACT_TIME, ...more });

async function play(feed: CsvFeed): Promise<Quote[]> {
  const quotes: Quote[] = [];
  await feed.start((quote) => quotes.push(quote));
  return quotes;
}
const minute = (i: number): string =>
  FIRST.replace('09:30', `09:${String(30 + i).padStart(2, '0')}`).replace('167.27', `167.2${i % 10}`);

const contractFile = file([HEADER, ...Array.from({ length: 8 }, (_, i) => minute(i))]);
feedContract('a CSV file', () => feedOf(contractFile));

test('a bar becomes four quotes: open, low, high and close', async () => {
  const quotes = await play(feedOf(file([HEADER, FIRST])));
  expect(quotes.map(({ bid, ask }) => [bid, ask])).toEqual([
    [price('167.27'), price('168')],
    [price('167.15'), price('167.26')],
    [price('167.30'), price('168.5')],
    [price('167.25'), price('167.28')],
  ]);
  expect(quotes[0]).toMatchObject({ ticker: 'SPY', bidSize: 30_000_000_000n, askSize: 2_000_000_000_000n });
});

test('the recorded time of the last quote is told, and the end is complete', async () => {
  const feed = feedOf(file([HEADER, FIRST, minute(1)]));
  expect([feed.now, feed.progress.played]).toEqual([undefined, 0]);
  await play(feed);
  expect(feed.now).toBe(Date.parse('2013-10-07T13:31:45Z') * 1000);
  expect(feed.progress).toEqual({ quotes: 8, played: 1 });
});

test('quotes recorded before `from` are passed over', async () => {
  const from = (Date.parse('2013-10-07T13:30:30Z') * 1000) as Micros;
  expect(await play(feedOf(file([HEADER, FIRST]), { from }))).toHaveLength(2);
});

test('a ticker column wins over the file name, and a file may end its lines as Windows does', async () => {
  const path = file([`ticker,${HEADER}\r`, `qqq,${FIRST}\r`, '']);
  expect((await play(feedOf(path)))[0]?.ticker).toBe('QQQ');
});

test.each([
  [
    'a price that is no number',
    FIRST.replace('168.5', 'n/a'),
    'line 2: ask_high "n/a" is not a decimal number',
  ],
  ['an exponent', FIRST.replace('168.5', '1e309'), 'ask_high "1e309" is not a decimal number'],
  ['too many decimals', FIRST.replace('168.5', '168.123456789'), 'more than 8 decimals'],
  ['an empty field', FIRST.replace('168.5', ''), 'ask_high "" is not a decimal number'],
  ['a negative size', FIRST.replace(',300,', ',-300,'), 'bid_size -300 is negative'],
  ['a missing field', FIRST.replace(',20000', ''), '10 fields where the header has 11'],
  ['a time without a zone', FIRST.replace('-04:00', ''), 'is no instant'],
  ['a day that is not', FIRST.replace('10-07', '13-47'), 'is no instant'],
])('%s is refused, naming file, line and remedy', async (_what, line, message) => {
  const path = file([HEADER, line], 'spy-bad.csv');
  await expect(play(feedOf(path))).rejects.toMatchObject({ code: 'FEED_INVALID' });
  await expect(play(feedOf(path))).rejects.toThrow(message);
  await expect(play(feedOf(path))).rejects.toThrow(/spy-bad\.csv, line 2: .+; .+/);
});

test('what came before a bad line was given', async () => {
  const feed = feedOf(file([HEADER, FIRST, 'nonsense']));
  const quotes: Quote[] = [];
  await expect(feed.start((quote) => quotes.push(quote))).rejects.toThrow('line 3');
  expect(quotes).toHaveLength(4);
});

test('a time that runs backwards is refused', async () => {
  await expect(play(feedOf(file([HEADER, minute(5), minute(4)])))).rejects.toThrow('before the line above');
});

test.each([
  ['an empty file', [''], 'the file is empty'],
  ['a missing column', [HEADER.replace(',ask_close', '')], 'column ask_close is missing'],
  ['one endless line', ['x'.repeat(200_000)], 'over 4096 characters'],
])('%s is refused', async (_what, lines, message) => {
  await expect(play(feedOf(file(lines)))).rejects.toThrow(message);
});

test('a file that nothing names an instrument for is refused, with both remedies', async () => {
  const path = file([HEADER, FIRST], 'quotes.csv');
  await expect(play(feedOf(path))).rejects.toThrow(
    'name the file TICKER-anything.csv, or add a ticker column',
  );
});

test('a file that is not there is refused by its name', async () => {
  await expect(play(feedOf(join(folder, 'spy-none.csv')))).rejects.toMatchObject({ code: 'FEED_INVALID' });
});
