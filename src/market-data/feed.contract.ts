/** What every feed keeps to, whatever its quotes come from. Each adapter's test runs it. */
import { describe, expect, test } from 'vitest';
import type { Micros } from '../core/values/names.ts';
import type { Feed } from './feed.ts';
import type { Quote } from './quotes.ts';

/** The instant that the feeds under test must stamp their quotes with. */
export const CONTRACT_TIME = 1_700_000_000_000_000 as Micros;

/** `make`: a fresh feed of at least 20 quotes, as fast as it goes, whose clock stands at {@link CONTRACT_TIME}. */
export function feedContract(name: string, make: () => Feed): void {
  describe(`the feed contract, by ${name}`, () => {
    givesQuotes(make);
    pauses(make);
    startsAndStops(make);
  });
}

/** Starts `feed` and resolves with its first `count` quotes; the feed is stopped from within the sink. */
async function take(feed: Feed, count: number): Promise<Quote[]> {
  const quotes: Quote[] = [];
  await feed.start((quote) => {
    quotes.push(quote);
    if (quotes.length === count) feed.stop();
  });
  return quotes;
}

function givesQuotes(make: () => Feed): void {
  test('gives whole quotes, stamped with its clock, and none after it was stopped', async () => {
    const feed = make();
    const quotes = await take(feed, 20);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(quotes).toHaveLength(20);
    for (const quote of quotes) {
      expect(quote.at).toBe(CONTRACT_TIME);
      expect(quote.bidSize > 0n && quote.askSize > 0n).toBe(true);
      expect(quote.ticker).toMatch(/^[A-Z]+$/);
    }
    expect(feed.progress.quotes).toBe(20);
  });

  test('gives nothing within the call of start itself', () => {
    const feed = make();
    let isGiven = false;
    void feed.start(() => {
      isGiven = true;
    });
    expect(isGiven).toBe(false);
    feed.stop();
  });
}

function pauses(make: () => Feed): void {
  test('a pause holds the quotes back, and resuming goes on right where it was', async () => {
    const whole = await take(make(), 20);
    const feed = make();
    const quotes: Quote[] = [];
    let isPaused = false;
    let brokeThrough = 0;
    const resume = (): void => {
      isPaused = false;
      feed.resume();
    };
    await feed.start((quote) => {
      quotes.push(quote);
      if (isPaused) brokeThrough += 1;
      if (quotes.length === 20) feed.stop();
      if (quotes.length !== 7) return;
      isPaused = true;
      feed.pause();
      setTimeout(resume, 20);
    });
    expect(brokeThrough).toBe(0);
    expect(quotes).toEqual(whole);
  });
}

function startsAndStops(make: () => Feed): void {
  test('starts once', async () => {
    const feed = make();
    const first = feed.start(() => feed.stop());
    await expect((async () => feed.start(() => {}))()).rejects.toThrow('starts once');
    await first;
  });

  test('stopped before it started, it starts no more and gives nothing', async () => {
    const feed = make();
    feed.stop();
    let given = 0;
    await feed.start(() => {
      given += 1;
    });
    expect(given).toBe(0);
  });

  test('stopping while paused ends it', async () => {
    const feed = make();
    const ended = feed.start(() => {
      feed.pause();
      setTimeout(() => feed.stop(), 1);
    });
    await expect(ended).resolves.toBeUndefined();
  });
}
