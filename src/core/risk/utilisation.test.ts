/** How much of the limits is taken: what works counts at its worst, and what may still be ordered is what is left. */
import { expect, test } from 'vitest';
import { buy, filled, floor, given, limitsSet, place, quoteAt, report, sell } from '../testing/story.ts';
import { notional, SCALE } from '../values/fixed-point.ts';
import { utilisationOf } from './utilisation.ts';

const limits = limitsSet({
  positionMax: '1000',
  dailyVolumeMax: '10000',
  netExposureMax: '2000',
  grossExposureMax: '4000',
});
const dollars = (amount: string): bigint => notional(amount) * SCALE;
const worstOf = (state: Parameters<typeof utilisationOf>[0]) => {
  const { position, dailyVolume, netExposure, grossExposure } = utilisationOf(state);
  return [position, dailyVolume, netExposure, grossExposure].map(({ worst }) => worst / (SCALE * SCALE));
};

test('working orders count before they are filled, buys and sells apart, and a fill moves nothing', () => {
  const story = given(...floor, limits);
  expect(worstOf(story.state.firm)).toEqual([0n, 0n, 0n, 0n]);
  const bid = buy('B1', '5', '100');
  story.when(place(bid, quoteAt('100')));
  expect(worstOf(story.state.firm)).toEqual([500n, 500n, 500n, 500n]);
  story.when(place(sell('S1', '3', '100'), quoteAt('100')));
  expect(worstOf(story.state.firm)).toEqual([500n, 800n, 500n, 500n]);
  story.when(report(bid, filled('E1', '5', '100')));
  expect(worstOf(story.state.firm)).toEqual([500n, 800n, 500n, 500n]);
  story.when(place(buy('B2', '4', '100', { ticker: 'MSFT' }), quoteAt('100')));
  expect(worstOf(story.state.firm)).toEqual([500n, 1200n, 900n, 900n]);
});

test('a short position counts as a long one does', () => {
  const story = given(...floor, limits).when(place(sell('S1', '7', '100'), quoteAt('100')));
  expect(worstOf(story.state.firm)).toEqual([700n, 700n, 700n, 700n]);
});

test('what is left of the position limit is what the rule still lets through, to the unit', () => {
  const story = given(...floor, limits).when(place(buy('B1', '4', '100'), quoteAt('100')));
  const { position } = utilisationOf(story.state.firm);
  expect(position).toEqual({ worst: dollars('400'), limit: dollars('1000') });
  story.when(place(buy('B2', '7', '100'), quoteAt('100'))).thenDenied('POSITION_LIMIT');
  story.when(place(buy('B3', '6', '100'), quoteAt('100'))).thenTypes('OrderAccepted');
  const full = utilisationOf(story.state.firm).position;
  expect(full.worst).toBe(full.limit);
});
