/** Exposures follow the market between orders, and only what moved is written. */
import { expect, test } from 'vitest';
import { buy, place } from '../core/testing/story.ts';
import { price } from '../core/values/fixed-point.ts';
import type { Ticker } from '../core/values/names.ts';
import type { Quotes } from '../market-data/quotes.ts';
import { MarkSampler } from './mark-sampler.ts';
import { by, entriesOf, openStage, outcome, settled } from './stage.fixture.ts';

const quotesAt = (marks: Readonly<Record<string, string>>): Quotes => ({
  latest: () => undefined,
  sample: (ticker) => {
    const mark = marks[ticker];
    return mark === undefined ? undefined : { mark: price(mark), isFresh: true };
  },
  subscribe: () => () => {},
});

test('what is worked in and has moved is re-marked; what has not, or is not held, is left alone', async () => {
  const { sequencer, journal } = await openStage();
  await sequencer.submit(place(buy('A', '1', '10')), by);
  const marks = { AAPL: '10', MSFT: '400' };
  let tick = (): void => {};
  const timer = (callback: () => void, delayMs: number): (() => void) => {
    expect(delayMs).toBe(3000);
    tick = callback;
    return () => {};
  };
  const sampler = new MarkSampler(sequencer, quotesAt(marks), 3000, timer);
  const before = sequencer.position;
  await sampler.start();
  expect(sequencer.position).toBe(before);

  marks.AAPL = '11.5';
  tick();
  await settled();
  await settled();
  const last = (await entriesOf(journal)).at(-1);
  expect(last?.events).toEqual([
    { type: 'MarksSampled', marks: [{ ticker: 'AAPL' as Ticker, price: price('11.5') }] },
  ]);
  expect(last?.user).toBe('system');
});

test('an engine that is not running is left alone', async () => {
  const { sequencer, journal } = await openStage();
  await sequencer.submit(place(buy('A', '1', '10')), by);
  journal.isDown = true;
  await outcome(sequencer.submit(place(buy('B', '1', '10')), by));
  expect(sequencer.status).toBe('recovering');
  await new MarkSampler(sequencer, quotesAt({ AAPL: '99' }), 3000, () => () => {}).start();
  await sequencer.stop();
});
