/** What a drill's report says of figures that nobody could measure: that they are unknown, never that nothing was lost. */
import { describe, expect, test } from 'vitest';
import {
  type DrilledShard,
  type DrillReport,
  jsonOf,
  metricsOf,
  rpoFacts,
  rpoSeconds,
  rtoSeconds,
  tableOf,
} from './drill-report.ts';

const east: DrilledShard = {
  shard: 'east',
  position: 40,
  stateHash: 'ab',
  livePosition: 50,
  lostFacts: 10,
  lostSeconds: 2.5,
};
const young: DrilledShard = {
  ...east,
  shard: 'young',
  position: 0,
  livePosition: null,
  lostFacts: null,
  lostSeconds: null,
};
const times = { restoreSeconds: 3, proveSeconds: 2, recoverSeconds: 1, viewsSeconds: 9 };
const good: DrillReport = {
  isGood: true,
  wrong: undefined,
  backup: 'b',
  takenAt: '2026-01-02T03:04:05Z',
  at: '2026-01-02T03:05:05Z',
  shards: [east, { ...east, shard: 'west', lostFacts: 1, lostSeconds: 4 }],
  provenSnapshots: 1,
  provenCheckpoints: 0,
  times,
};
const none = { restoreSeconds: null, proveSeconds: null, recoverSeconds: null, viewsSeconds: null };
const failed: DrillReport = { ...good, isGood: false, wrong: 'a chunk was changed', shards: [], times: none };

test('what was measured is added up over the shards, and the time is that of the worst', () => {
  expect([rpoFacts(good), rpoSeconds(good), rtoSeconds(times)]).toEqual([11, 4, 6]);
  expect(metricsOf(good)).toMatch(/^itirp_drill_rpo_seconds 4$/m);
  expect(jsonOf(good)).toMatchObject({ rpo: { seconds: 4, facts: 11 }, rto: { seconds: 6 } });
});

describe('of a drill that failed RPO and RTO are unknown', () => {
  test('in the table', () => {
    expect(tableOf(failed)).toMatch(/^RPO +unknown +facts unknown$/m);
    expect(tableOf(failed)).toMatch(/^RTO +unknown$/m);
    expect(tableOf(failed)).toMatch(/^restored in +unknown$/m);
  });
  test('as JSON', () => {
    expect(jsonOf(failed)).toMatchObject({
      rpo: { seconds: null, facts: null },
      rto: { seconds: null, ...none },
    });
  });
  test('and to a collector', () => {
    expect(metricsOf(failed)).not.toMatch(/rpo|rto/);
  });
});

test('one shard of which nobody knows makes the whole unknown', () => {
  const report = { ...good, shards: [east, young] };
  expect([rpoFacts(report), rpoSeconds(report)]).toEqual([undefined, undefined]);
  expect(metricsOf(report)).not.toContain('rpo');
  expect(metricsOf(report)).toContain('itirp_drill_rto_seconds 6');
  expect(tableOf(report)).toMatch(/^young +0 +unknown +unknown +unknown$/m);
});
