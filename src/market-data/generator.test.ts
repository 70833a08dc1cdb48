import { expect, test } from 'vitest';
import { isOnLot, isOnTick } from '../core/instruments/instrument.ts';
import type { Micros } from '../core/values/names.ts';
import { CONTRACT_TIME, feedContract } from './feed.contract.ts';
import { Generator } from './generator.ts';
import type { Quote } from './quotes.ts';
import { Random } from './random.ts';
import { UNIVERSE } from './universe.ts';
import { Walk } from './walk.ts';

const generator = (seed: number): Generator =>
  new Generator({ universe: UNIVERSE, seed, intervalMs: 1, clock: () => CONTRACT_TIME });

feedContract('the generator', () => generator(1));

async function quotesOf(seed: number, count: number): Promise<Quote[]> {
  const feed = generator(seed);
  const quotes: Quote[] = [];
  await feed.start((quote) => {
    quotes.push(quote);
    if (quotes.length === count) feed.stop();
  });
  return quotes;
}

test('the same seed gives the same quotes, another seed others', async () => {
  const [first, again, other] = await Promise.all([quotesOf(5, 60), quotesOf(5, 60), quotesOf(6, 60)]);
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test('every instrument is quoted in each round', async () => {
  const quotes = await quotesOf(9, UNIVERSE.length);
  expect(quotes.map((quote) => quote.ticker)).toEqual(UNIVERSE.map(({ instrument }) => instrument.ticker));
});

test.each(UNIVERSE)('$instrument.ticker stays uncrossed, positive, on tick and on lot', (listing) => {
  const walk = new Walk(listing, 60_000, Random.fromSeed(3));
  for (let i = 0; i < 2_000; i += 1) {
    const quote = walk.next(0 as Micros);
    const isSound =
      quote.bid > 0n &&
      quote.bid < quote.ask &&
      isOnTick(listing.instrument, quote.bid) &&
      isOnTick(listing.instrument, quote.ask) &&
      quote.bidSize > 0n &&
      quote.askSize > 0n &&
      isOnLot(listing.instrument, quote.bidSize) &&
      isOnLot(listing.instrument, quote.askSize);
    if (!isSound) expect.fail(`round ${i}: ${quote.bid} ${quote.ask} ${quote.bidSize} ${quote.askSize}`);
  }
});

test('a walk moves about as much in a year of small steps as in one of large steps', () => {
  const listing = UNIVERSE[0];
  if (listing === undefined) expect.fail('the universe is empty');
  const hour = 3_600_000;
  const spreadOf = (stepMs: number): number => {
    let squares = 0;
    for (let seed = 0; seed < 200; seed += 1) {
      const walk = new Walk(listing, stepMs, Random.fromSeed(seed));
      let quote = walk.next(0 as Micros);
      for (let ms = stepMs; ms < hour; ms += stepMs) quote = walk.next(0 as Micros);
      squares += Number((quote.bid - listing.startPrice) / listing.instrument.tickSize) ** 2;
    }
    return Math.sqrt(squares / 200);
  };
  const [small, large] = [spreadOf(2_000), spreadOf(600_000)]; // ticks
  expect(small / large).toBeGreaterThan(0.8);
  expect(small / large).toBeLessThan(1.25);
});
