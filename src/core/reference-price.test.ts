/** The price that risk reckons with: what counts as one, and what stands in where the market never showed any. */
import { describe, expect, test } from 'vitest';
import { dump, restore } from './snapshot.ts';
import {
  acknowledged,
  buy,
  filled,
  floor,
  given,
  order,
  place,
  quoteAt,
  report,
  sell,
} from './testing/story.ts';
import { isSame } from './testing/trial.ts';
import { price } from './values/fixed-point.ts';
import type { Ticker } from './values/names.ts';

const AAPL = 'AAPL' as Ticker;

describe('a quote of nothing', () => {
  test('prices no market order', () => {
    given(...floor)
      .when(place(order('M1', { type: 'MARKET', quantity: '100' }), quoteAt('0')))
      .thenDenied('NO_FRESH_QUOTE');
  });

  test.each(['0', '-1'])('at %s does not take the value away from what is held', (mark) => {
    const held = buy('B1', '6000', '150');
    given(...floor)
      .when(place(held, quoteAt('150')), report(held, acknowledged, filled('E1', '6000', '150')))
      .when(place(buy('B2', '6000', '150'), quoteAt(mark)))
      .thenDenied('POSITION_LIMIT');
  });

  test('marks nothing that is held, so that a snapshot restores the same state', () => {
    const held = buy('B1', '100', '150');
    const story = given(...floor)
      .when(place(held, quoteAt('150')), report(held, acknowledged, filled('E1', '100', '150')))
      .when({ type: 'SampleMarks', marks: [{ ticker: AAPL, price: price('0') }] })
      .when(place(buy('B2', '1', '150'), quoteAt('0')));
    const dumped = dump(story.state);
    const restored = restore(dumped);
    expect(isSame(dump(restored), dumped)).toBe(true);
    expect(restored.firm.longestAt(0)).toBe(story.state.firm.longestAt(0));
  });
});

describe('an instrument that was never quoted', () => {
  test('counts what works already at the dearest price it was asked at, not at the first', () => {
    const story = given(...floor)
      .when(place(buy('B0', '1', '0.01')))
      .when(place(buy('B1', '900', '1000')))
      .thenTypes('OrderAccepted');
    story.when(place(buy('B2', '900', '1000'))).thenDenied('POSITION_LIMIT');
    expect(story.state.firm.markAt(0)).toBe(price('1000'));
  });

  test('is not made cheaper by a lower price that is asked later', () => {
    given(...floor)
      .when(place(sell('S1', '900', '1000')))
      .when(place(sell('S2', '900', '0.01')))
      .thenDenied('POSITION_LIMIT');
  });
});
