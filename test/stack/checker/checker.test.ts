/** The checker as a whole: a day that is good passes, nothing at all does not, and views and rows are not believed. */
import { describe, expect, test } from 'vitest';
import { check } from './checker.ts';
import type { Evidence } from './evidence.ts';
import { brokenBy, OPTIONS } from './testing/broken.ts';
import { ask, gathered, goodDay, orderId } from './testing/story.ts';
import { holds, tableOf } from './verdict.ts';

test('a good day passes every law', async () => {
  const verdicts = check(await goodDay().evidence(), OPTIONS);
  expect(verdicts.filter((verdict) => !holds(verdict))).toEqual([]);
  expect(verdicts).toHaveLength(21);
  expect(tableOf(verdicts)).toContain('✓ every acknowledged order is in the journal once');
});

test('laws that saw nothing do not hold', async () => {
  const nothing: Evidence = {
    calls: [],
    shards: [],
    views: { orders: [], executions: [], positions: [], rebuilt: [] },
  };
  const verdicts = check(nothing, OPTIONS);
  expect(verdicts.filter(holds)).toEqual([]);
  expect(tableOf(verdicts)).toContain('(needs 1)');
});

describe('a trial that comes after others', () => {
  const FIRST = 'every acknowledged order is in the journal once';

  test('what they saw does not count for it', async () => {
    const story = goodDay();
    const countFrom = story.now + 1_000;
    const seen = check(await story.evidence(), { ...OPTIONS, countFrom });
    const timeless = ['the views are what the journal gives']; // they were rebuilt just now
    expect(seen.filter(holds).map(({ law }) => law)).toEqual(timeless);
    expect(seen.flatMap(({ violations }) => violations)).toEqual([]);
  });
  test('its own cases count, by the clock of whoever saw them', async () => {
    const story = goodDay();
    story.now += 5_000;
    const countFrom = story.now;
    story.approved('left', 8);
    const own = check(await story.evidence(), { ...OPTIONS, countFrom });
    const whole = check(await story.evidence(), OPTIONS);
    const seenBy = (verdicts: typeof own, law: string) => verdicts.find((one) => one.law === law)?.seen;
    for (const law of [FIRST, 'no order is accepted late', 'epochs never fall']) {
      expect(seenBy(own, law), law).toBe(1);
      expect(seenBy(whole, law), law).toBeGreaterThan(1);
    }
    expect(seenBy(own, 'used and reserved stay within the limits')).toBe(1);
    expect(seenBy(own, 'no execution counts twice')).toBe(0);
  });
  test('what was broken before it is broken still', async () => {
    const story = goodDay();
    story.call(ask(9), 'ok', { status: 200, word: 'APPROVED', orderId: orderId(9) });
    const verdicts = check(await story.evidence(), { ...OPTIONS, countFrom: story.now + 1_000 });
    expect(verdicts.find(({ law }) => law === FIRST)?.violations).toEqual([
      expect.stringMatching(/not in the journal/),
    ]);
  });
});

describe('views that are not what the journal says', () => {
  const FOLDS = 'positions are the fold of the fills';
  test('an execution shown twice, a position off by one, an order that got less', async () => {
    const story = goodDay();
    const { orders, executions, positions } = story.views;
    story.views = {
      ...story.views,
      orders: orders.map((row) => ({ ...row, executed_quantity: '99' })),
      executions: [...executions, ...executions],
      positions: positions.map((row) => ({ ...row, quantity: '101' })),
    };
    const found = (await brokenBy(await story.evidence()))[FOLDS]?.join('\n');
    expect(found).toMatch(/executions: .* x-1 .*: 1 in the journal, 2 shown/);
    expect(found).toMatch(/positions: left ALICE AAPL 10100000000: 0 in the journal, 1 shown/);
    expect(found).toMatch(/orders: .* 9900000000: 0 in the journal, 1 shown/);
  });
  test('a table that a rebuild gives otherwise', async () => {
    const story = goodDay();
    const wrong = { table: 'events', rows: 1, equal: false, firstDifference: 'event 7: missing' };
    story.views = { ...story.views, rebuilt: [...story.views.rebuilt, wrong] };
    expect(await brokenBy(await story.evidence())).toEqual({
      'the views are what the journal gives': ['events: event 7: missing'],
    });
  });
});

describe('a journal that was tampered with', () => {
  const CHAINS = 'every chain is whole';
  test('a row is missing', async () => {
    const evidence = await goodDay().evidence();
    const shards = await Promise.all(
      evidence.shards.map(({ shard, rows, head }) => gathered(shard, rows.toSpliced(3, 1), head)),
    );
    const broken = await brokenBy({ ...evidence, shards });
    expect(broken[CHAINS]).toEqual([
      expect.stringMatching(/^left@\d+: positions/),
      expect.stringMatching(/^right/),
    ]);
  });
  test('the verifier read fewer rows than were gathered', async () => {
    const evidence = await goodDay().evidence();
    const [left, right] = evidence.shards;
    if (left === undefined || right === undefined) throw new Error('two shards');
    const shards = [{ ...left, rows: [...left.rows, ...left.rows.slice(-1)] }, right];
    expect((await brokenBy({ ...evidence, shards }))[CHAINS]).toEqual([
      expect.stringMatching(/rows verified/),
    ]);
  });
});
