import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LoadFigures, stageFiguresOf } from './figures.ts';
import { plotOf } from './plot.ts';
import { linearScale, logScale, roundStep } from './scale.ts';
import { stageOf, warmUpOf } from './stages.ts';
import { tableOf } from './table.ts';
import { Tally, totalOf } from './tally.ts';

const answer = {
  kind: 'good',
  outcome: '200 APPROVED',
  orderId: undefined,
  clientOrderId: undefined,
} as const;

function ran(stage = stageOf(100, 2), latencies: readonly number[] = [1, 2, 3]): Tally {
  const tally = new Tally(stage);
  for (const ms of latencies) {
    tally.due += 1;
    tally.begun += 1;
    tally.heard('place', answer, ms, ms / 2);
  }
  tally.answersWithin = latencies.length;
  tally.seconds = stage.seconds;
  return tally;
}

function figuresOf(tallies: readonly Tally[], more: Partial<LoadFigures> = {}): LoadFigures {
  const total = totalOf(tallies);
  return {
    version: '1.2.3',
    startedAt: '2026-01-30T14:30:00.000Z',
    title: 'A <ramp> & more',
    targets: ['http://127.0.0.1:8000'],
    by: 'rate',
    settings: {},
    wasInterrupted: false,
    total: stageFiguresOf(total),
    outcomes: Object.fromEntries(total.outcomes),
    acknowledgedOrders: 3,
    stages: tallies.map(stageFiguresOf),
    series: [],
    latencyBuckets: [],
    serviceBuckets: [],
    warnings: [],
    ...more,
  };
}

/** The y of each point of every line, as drawn. */
const drawn = (svg: string): number[][] =>
  [...svg.matchAll(/points="([^"]+)"/g)].map(([, points = '']) =>
    points.split(' ').map((point) => Number(point.split(',')[1])),
  );

describe('a plot', () => {
  test('has a line for each quantile over the rates, and for what was offered, answered and lost', () => {
    const tallies = [
      ran(stageOf(100, 1), [1, 1]),
      ran(stageOf(200, 1), [10, 10]),
      ran(stageOf(300, 1), [100, 100]),
    ];
    const svg = plotOf(
      figuresOf([ran(warmUpOf(100, 1)), ...tallies], { highestSustained: { rate: 200, trials: [] } }),
    );
    expect(drawn(svg).length).toBe(8);
    const [p50 = []] = drawn(svg);
    expect(p50[0]).toBeGreaterThan(p50[1] ?? 0); // what takes longer stands higher, and tenfold by the same step
    expect((p50[0] ?? 0) - (p50[1] ?? 0)).toBeCloseTo((p50[1] ?? 0) - (p50[2] ?? 0), 1);
    for (const label of [
      'p50',
      'p99.9',
      'max',
      'offered',
      'good',
      'sustained: 200/s',
      'ms',
      'requests offered',
    ]) {
      expect(svg).toContain(label);
    }
  });
  test('over time leaves gaps where nothing was heard, and shades the warm-up', () => {
    const point = {
      seconds: 1,
      due: 5,
      refused: 0,
      failed: 0,
      shed: 0,
      inFlight: 0,
      p50Ms: 1,
      p99Ms: 2,
      maxMs: 3,
    };
    const series = [5, 5, 0, 5, 5].map((answered, i) => ({
      ...point,
      atS: i,
      answered,
      maxMs: answered > 0 ? 3 : 0,
    }));
    const counting = ran(stageOf(5, 4));
    counting.atS = 1;
    const svg = plotOf(figuresOf([ran(warmUpOf(5, 1)), counting], { by: 'time', series }));
    expect(drawn(svg).map(({ length }) => length)).toEqual([2, 2, 2, 2, 2, 2, 5, 5, 5]);
    expect(svg).toContain('warm-up');
    expect(svg).toContain('seconds from the begin');
  });
  test('of a search shows the rates it tried over time, shades what did not count, and marks what it found', () => {
    const [first, second] = [ran(stageOf(100, 2)), ran(stageOf(200, 2))];
    first.atS = 1;
    second.atS = 5; // it settled, and ran in
    const point = { seconds: 1, refused: 1, failed: 0, shed: 0, inFlight: 0, p50Ms: 1, p99Ms: 2, maxMs: 3 };
    const series = [100, 100, 100, 50, 200, 200, 200].map((due, atS) => ({
      ...point,
      atS,
      due,
      answered: due,
    }));
    const found = { rate: 100, trials: [] };
    const svg = plotOf(
      figuresOf([ran(warmUpOf(100, 1)), first, second], { by: 'time', series, highestSustained: found }),
    );
    expect(svg.match(/fill="#f3f4f6"/g)?.length).toBe(4); // two spans in each of the two panels
    expect(svg.match(/sustained: 100\/s/g)?.length).toBe(1);
    expect(svg).toContain('refused');
    const offered = drawn(svg).find(([a, b, c, d]) => a === b && b === c && (d ?? 0) > (c ?? 0)) ?? [];
    expect(svg).toContain(`y1="${offered[0]}" y2="${offered[0]}"`); // the mark stands where 100/s were offered
  });
  test('of failures alone has no latency: none was waited for', () => {
    const tally = new Tally(stageOf(100, 1));
    tally.begun = tally.due = 1;
    tally.heard('place', { ...answer, kind: 'failed', outcome: '503 SEQUENCER_BUSY' }, 0.2, 0.2);
    tally.seconds = 1;
    expect(plotOf(figuresOf([tally]))).not.toMatch(/NaN|Infinity|undefined/);
    expect(drawn(plotOf(figuresOf([tally, ran(stageOf(200, 1))]))).length).toBe(3); // throughput alone has two points
  });
  test('of nothing at all is a picture without lines, and no number that is none', () => {
    for (const by of ['rate', 'time'] as const) {
      const svg = plotOf(figuresOf([], { by }));
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    }
  });
  test('shows its title as it is', () => {
    expect(plotOf(figuresOf([ran()]))).toContain('A &lt;ramp&gt; &amp; more');
  });
});

test('ticks are round, evenly set, within the scale and some in number', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1e7, noNaN: true }), (most) => {
      const scale = linearScale(0, most, 100, 0, 5);
      const values = scale.ticks.map(({ value }) => value);
      expect(values.length).toBeGreaterThanOrEqual(3);
      expect(values.length).toBeLessThanOrEqual(8);
      expect(values.every((value) => value >= 0 && value <= most * 1.000001)).toBe(true);
      expect(roundStep(most).toExponential()).toMatch(/^[125]e/);
    }),
  );
});

test('a logarithmic scale goes by whole decades around what it shows', () => {
  const scale = logScale(0.3, 40, 300, 0);
  expect(scale.ticks.map(({ label }) => label)).toEqual([
    '0.1',
    '0.2',
    '0.5',
    '1',
    '2',
    '5',
    '10',
    '20',
    '50',
    '100',
  ]);
  expect([scale.place(0.1), scale.place(1), scale.place(100), scale.place(0)]).toEqual([300, 200, 0, 300]);
});

describe('the table', () => {
  test('tells stages, requests, outcomes and the verdicts', () => {
    const verified = {
      acknowledged: 3,
      held: 2,
      missing: 1,
      strange: 0,
      twice: 0,
      unread: 0,
      unacknowledged: 0,
    };
    const text = tableOf(
      figuresOf([ran(), ran(stageOf(200, 2))], {
        verified: { ...verified, examples: ['X is not there'], isSound: false },
        shortcomings: ['15:59: 3 shed'],
        warnings: ['look here'],
        wasInterrupted: true,
      }),
    );
    expect(text).toMatch(/100\/s +2 +2 +0 +0 +0 +2\.01 +3\.00/);
    expect(text).toMatch(/place +6 +0 +0 +0 +2\.01/);
    expect(text).toMatch(/good +6 +2\.01/);
    expect(text).toContain('6  place 200 APPROVED');
    expect(text).toContain('NOT each is there exactly once: 2 there, 1 missing');
    expect(text).toContain('It did not hold: 15:59: 3 shed.');
    expect(text).toContain('Interrupted');
    expect(text).toContain('! look here');
  });
});
