import { describe, expect, test } from 'vitest';
import { warningsOn } from './figures.ts';
import { type Bounds, complaintsOn, shortcomingsOf } from './find.ts';
import type { OperationKind } from './mix.ts';
import { stageOf } from './stages.ts';
import { Tally, totalOf } from './tally.ts';
import type { Answer, AnswerKind } from './transport.ts';

const BOUNDS: Bounds = { p99MsMax: 100, failedPartMax: 0.001, refusedPartMax: 0.01 };

const said = (kind: AnswerKind, outcome: string): Answer => ({
  kind,
  outcome,
  orderId: undefined,
  clientOrderId: undefined,
});

/** A hundred good answers of 50 ms, and `more` beside them. */
function tallied(more: (tally: Tally) => void): Tally {
  const tally = new Tally(stageOf(100, 1));
  for (let i = 0; i < 100; i++) tally.heard('place', said('good', '200 APPROVED'), 50, 40);
  more(tally);
  tally.begun = tally.byKind.good + tally.byKind.refused + tally.byKind.failed;
  return tally;
}

test('requests turned away at once make no percentile better, and stand in a row of their own', () => {
  const tally = tallied((one) => {
    for (let i = 0; i < 900; i++) one.heard('place', said('failed', '503 SEQUENCER_BUSY'), 0.2, 0.2);
  });
  expect(tally.latency.quantileMs(0.5)).toBeGreaterThanOrEqual(50);
  expect(tally.service.quantileMs(0.5)).toBeGreaterThanOrEqual(40);
  expect(tally.byOperation.get('place')?.latency.count).toBe(100);
  expect(tally.answers.failed?.count).toBe(900);
  expect(tally.answers.failed?.maxMs).toBe(0.2);
  expect(complaintsOn(tally, BOUNDS)).toEqual(['90.0 % failed']);
});

test.each(['TIMEOUT', '504 VENUE_TIMEOUT', '504'])(
  '%s was waited for: it makes percentiles worse',
  (outcome) => {
    const tally = tallied((one) => {
      for (let i = 0; i < 10; i++) one.heard('get', said('failed', outcome), 10_000, 10_000);
    });
    expect(tally.latency.quantileMs(0.99)).toBeGreaterThanOrEqual(10_000);
    expect([tally.byKind.failed, tally.answers.failed]).toEqual([10, undefined]);
  },
);

test('good answers and refusals are told apart, also when stages are added up', () => {
  const tally = tallied((one) => {
    for (let i = 0; i < 50; i++) one.heard('place', said('refused', '200 REJECTED'), 1, 1);
    for (const kind of ['good', 'refused', 'failed'] as const) one.heardWithin(kind);
    one.seconds = 1;
  });
  const total = totalOf([tally, tally]);
  expect([total.answers.good?.count, total.answers.refused?.count]).toEqual([200, 100]);
  expect([total.answers.good?.quantileMs(0.01), total.answers.refused?.maxMs]).toEqual([50, 1]);
  expect([total.throughput, total.refusals]).toEqual([2, 1]);
});

describe('orders that are refused', () => {
  const refused = (count: number, kind: OperationKind = 'place', outcome = '200 REJECTED POSITION_LIMIT') =>
    tallied((one) => {
      for (let i = 0; i < count; i++) one.heard(kind, said('refused', outcome), 1, 1);
    });
  test('are within their bound or are told, also of a rate that is searched for', () => {
    expect(complaintsOn(refused(1), BOUNDS)).toEqual([]);
    expect(complaintsOn(refused(25), BOUNDS)).toEqual(['20.0 % of the orders refused']);
    expect(complaintsOn(refused(25), { ...BOUNDS, refusedPartMax: 0.2 })).toEqual([]);
    expect(shortcomingsOf(refused(25), BOUNDS)).toEqual(['20.0 % of the orders refused']);
  });
  test('are not the cancels of what was finished first', () => {
    expect(complaintsOn(refused(50, 'cancel', '409 ORDER_NOT_WORKING'), BOUNDS)).toEqual([]);
  });
  test('and are all that there were: whatever the bound, nothing was tested', () => {
    const tally = new Tally(stageOf(100, 1));
    for (let i = 0; i < 80; i++) tally.heard('place', said('refused', '200 REJECTED'), 1, 1);
    for (let i = 0; i < 20; i++) tally.heard('get', said('good', '200'), 1, 1);
    tally.begun = 100;
    expect(complaintsOn(tally, { ...BOUNDS, refusedPartMax: 1 })).toEqual(['none of 80 orders acknowledged']);
  });
  test('are told with the rule that refused them, and with its remedy', () => {
    const tally = refused(3, 'place', '200 REJECTED DAILY_VOLUME_LIMIT');
    for (let i = 0; i < 5; i++)
      tally.heard('place', said('refused', '200 REJECTED KILL_SWITCH_ACTIVE'), 1, 1);
    tally.heard('place', said('refused', '200 REJECTED'), 1, 1);
    expect(warningsOn([tally], tally, new Map(), false)).toEqual([
      '5 orders were refused by KILL_SWITCH_ACTIVE: trading is halted until a risk manager releases the kill switch.',
      '3 orders were refused by DAILY_VOLUME_LIMIT: --raise-limits moves the limits out of the way.',
      '1 orders were refused without a reason.',
    ]);
  });
});

test('a generator that spins is always busy, and is judged by its lag alone', () => {
  const tally = tallied(() => {});
  const warned = (lagP99Ms: number, isSpinning: boolean) => {
    tally.self = { utilisation: 0.99, cores: 1, lagP99Ms };
    return warningsOn([tally], tally, new Map(), isSpinning).join();
  };
  expect(warned(0.1, true)).toBe('');
  expect(warned(0.1, false)).toContain('event loop was busy 99 %');
  expect(warned(25, true)).toContain('woke up 25.0 ms late');
});

test('what is shed counts for its kind of request, with the time it waited', () => {
  const tally = tallied((one) => {
    for (let i = 0; i < 20; i++) one.shedAfter('get', 1_000);
  });
  const total = totalOf([tally, tally]);
  expect(total.byOperation.get('get')).toMatchObject({ answered: 0, failed: 0, shed: 40 });
  expect(total.byOperation.get('get')?.latency.quantileMs(0.5)).toBeGreaterThanOrEqual(1_000);
  expect(total.byOperation.get('place')?.shed).toBe(0);
});
