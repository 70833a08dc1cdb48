/** However shards begin and are added, all of them together are never given more than the firm's limits. */
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../core/risk/limits.ts';
import { order, quoteAt } from '../core/testing/story.ts';
import { NO_LIMITS, shareOf, sumOfLimits } from '../firm/limit-shares.ts';
import { by, entriesOf, OPENING, type Stage, stage } from '../sequencer/stage.fixture.ts';
import { silentLog } from '../telemetry/log.ts';
import { Readiness } from '../telemetry/readiness.ts';
import { dealFirstLimits } from './first-limits.ts';
import { loadConfig } from './load-config.ts';

async function begin(shard: string, founders: readonly string[], on?: Stage) {
  const it = stage({ shard }, on?.journal);
  await it.sequencer.start();
  const readiness = new Readiness();
  const config = { ...loadConfig({}, true), SHARD: shard };
  const undo: (() => unknown)[] = [];
  await dealFirstLimits({ config, log: silentLog(), readiness, undo }, it.sequencer, founders);
  return { ...it, readiness, undo, limits: await it.sequencer.read(({ firm }) => firm.limits) };
}

test.each([[['a']], [['a', 'b']], [['a', 'b', 'c', 'd', 'e', 'f', 'g']]])(
  'the first limits are dealt to those that the firm began with: %s',
  async (founders) => {
    const shares = await Promise.all(founders.map(async (shard) => (await begin(shard, founders)).limits));
    expect(sumOfLimits(shares)).toEqual(DEFAULT_LIMITS);
    const added = await begin('new', founders);
    expect(sumOfLimits([...shares, added.limits])).toEqual(DEFAULT_LIMITS);
  },
);

test('a shard that was added takes no order and says why, until it has limits and is released', async () => {
  const { sequencer, readiness, limits } = await begin('c', ['a', 'b']);
  expect(limits).toEqual(NO_LIMITS);
  expect(readiness.reasons).toEqual({});
  expect(readiness.notes).toEqual({ 'limits of c': expect.stringContaining('PUT /api/v1/risk/limits') });
  for (const command of OPENING) await sequencer.submit(command, by);
  const place = async (id: string) => {
    const { events } = await sequencer.submit(
      { type: 'PlaceOrder', order: order(id), quote: quoteAt('150') },
      by,
    );
    return events.at(-1);
  };
  expect(await place('O1')).toMatchObject({ type: 'OrderDenied' });
  await sequencer.submit({ type: 'SetLimits', limits: shareOf(DEFAULT_LIMITS, 2, 3) }, by);
  expect(readiness.notes).toEqual({});
  expect(await place('O2')).toMatchObject({
    type: 'OrderDenied',
    refusals: [{ rule: 'KILL_SWITCH_ACTIVE' }],
  });
  await sequencer.submit({ type: 'ReleaseKillSwitch' }, by);
  expect(await place('O3')).toMatchObject({ type: 'OrderAccepted' });
});

test('a shard that has begun is dealt nothing again, and one that was killed half-way begins the rest', async () => {
  const whole = await begin('c', ['a']);
  await whole.sequencer.stop();
  const again = await begin('c', ['a'], whole);
  expect(again.readiness.notes).not.toEqual({});
  expect(await entriesOf(again.journal)).toHaveLength(2);

  const half = stage({ shard: 'd' });
  await half.sequencer.start();
  await half.sequencer.submit({ type: 'SetLimits', limits: NO_LIMITS }, by);
  await half.sequencer.stop();
  const rest = await begin('d', ['a'], half);
  expect((await entriesOf(rest.journal)).flatMap(({ events }) => events.map(({ type }) => type))).toEqual([
    'LimitsSet',
    'KillSwitchEngaged',
  ]);
});
