import { expect, test } from 'vitest';
import { complaintsOn } from './find.ts';
import { stageOf } from './stages.ts';
import { Tally, totalOf } from './tally.ts';
import type { Answer, AnswerKind } from './transport.ts';

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
  expect(complaintsOn(tally, { p99MsMax: 100, failedPartMax: 0.001 })).toEqual(['90.0 % failed']);
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

test('what is shed counts for its kind of request, with the time it waited', () => {
  const tally = tallied((one) => {
    for (let i = 0; i < 20; i++) one.shedAfter('get', 1_000);
  });
  const total = totalOf([tally, tally]);
  expect(total.byOperation.get('get')).toMatchObject({ answered: 0, failed: 0, shed: 40 });
  expect(total.byOperation.get('get')?.latency.quantileMs(0.5)).toBeGreaterThanOrEqual(1_000);
  expect(total.byOperation.get('place')?.shed).toBe(0);
});
