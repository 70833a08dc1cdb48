/** The gauges of a shard follow what happens in it, add up over shards, and go with it. */
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_LIMITS } from '../core/risk/limits.ts';
import { buy, place, quoteAt } from '../core/testing/story.ts';
import { notional } from '../core/values/fixed-point.ts';
import { by, openStage } from '../sequencer/stage.fixture.ts';
import { silentLog } from '../telemetry/log.ts';
import { openMetrics } from '../telemetry/metrics.ts';
import { type Gauged, Gauges, observeCommit, timingsInto } from './gauges.ts';

type Link = Parameters<Gauges['watch']>[0]['link'];
const quiet = { attempts: 0, retries: 0, inDoubt: 0, breaker: { status: 'closed' } };

async function room() {
  const metrics = openMetrics();
  const { sequencer } = await openStage({
    onCommit: observeCommit(metrics),
    timings: timingsInto(metrics),
  });
  const gauges = new Gauges(metrics, silentLog(), { everyMs: 5, staleMs: 50 });
  onTestFinished(async () => {
    gauges.stop();
    await sequencer.stop();
  });
  const watch = (shard: string, link: object = quiet, read: Gauged['sequencer'] = sequencer) =>
    gauges.watch({ shard, sequencer: read, link: link as Link, venue: 'SIM' });
  const shows = (line: string) => expect.poll(() => metrics.registry.metrics()).toContain(`\n${line}\n`);
  const value = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name} (.*)$`, 'm').exec(await metrics.registry.metrics())?.[1]);
  return { metrics, sequencer, watch, shows, value };
}

test('limits, working orders, exposure and the kill switch are those of the state', async () => {
  const { sequencer, watch, shows } = await room();
  const limits = {
    positionMax: notional('1000'),
    dailyVolumeMax: notional('4000'),
    netExposureMax: notional('2000'),
    grossExposureMax: DEFAULT_LIMITS.grossExposureMax,
  };
  await sequencer.submit({ type: 'SetLimits', limits }, by);
  watch('main');
  await shows('orders_working{shard="main"} 0');
  await shows('kill_switch_engaged{shard="main"} 0');
  const order = buy('B1', '5', '100');
  await sequencer.submit(place(order, quoteAt('100')), by);
  await shows('orders_working{shard="main"} 1');
  await shows('risk_limit_utilisation_ratio{shard="main",limit="position"} 0.5');
  await shows('risk_limit_utilisation_ratio{shard="main",limit="daily_volume"} 0.125');
  await shows('risk_limit_utilisation_ratio{shard="main",limit="net_exposure"} 0.25');
  await shows('risk_limit_utilisation_ratio{shard="main",limit="gross_exposure"} 0.000033');
  await shows('gross_exposure_usd 0'); // nothing is held yet
  const filled = { kind: 'filled', executionId: 'E1', quantity: order.quantity, price: order.price } as never;
  await sequencer.submit({ type: 'ReportFromVenue', orderId: order.orderId, reports: [filled] }, by);
  await shows('gross_exposure_usd 500');
  await shows('net_exposure_usd 500');
  await shows('active_positions 1');
  await shows('orders_working{shard="main"} 0');
  await shows(`journal_position{shard="main"} ${sequencer.position}`);
  await sequencer.submit({ type: 'EngageKillSwitch' }, by);
  await shows('kill_switch_engaged{shard="main"} 1');
  await sequencer.submit({ type: 'SetLimits', limits: { ...limits, positionMax: notional('0') } }, by);
  await shows('risk_limit_utilisation_ratio{shard="main",limit="position"} 1'); // of nothing, nothing is left
});

test('a shard that was dealt no limits and holds nothing has used none up', async () => {
  const { metrics, sequencer, watch, shows } = await room();
  const none = notional('0');
  const nothing = { positionMax: none, dailyVolumeMax: none, netExposureMax: none, grossExposureMax: none };
  watch('main');
  await shows('risk_limit_utilisation_ratio{shard="main",limit="position"} 0');
  await sequencer.submit({ type: 'SetLimits', limits: nothing }, by);
  await expect.poll(() => metrics.registry.metrics()).not.toMatch(/^risk_limit_utilisation_ratio\{/m);
  await shows('orders_working{shard="main"} 0');
});

test('a shard that is let go of leaves no figure behind', async () => {
  const { metrics, watch, shows } = await room();
  const leave = watch('main');
  watch('other');
  await shows('kill_switch_engaged{shard="main"} 0');
  await shows('kill_switch_engaged{shard="other"} 0');
  leave();
  await new Promise((resolve) => setTimeout(resolve, 30));
  const text = await metrics.registry.metrics();
  expect(text).not.toContain('shard="main"');
  expect(text).toContain('kill_switch_engaged{shard="other"} 0');
});

test.each(['recovering', 'busy'] as const)(
  'what a shard that is %s was is not what it is, and a sum without it would be too small',
  async (trouble) => {
    const { metrics, sequencer, watch, shows } = await room();
    const other = {
      waiting: 3,
      position: sequencer.position,
      status: 'running' as Gauged['sequencer']['status'],
      read: ((question) => sequencer.read(question)) as typeof sequencer.read,
    };
    watch('main');
    watch('other', quiet, other);
    const PARTS = /^(kill_switch_engaged|orders_working|risk_limit_utilisation_ratio)\{shard="other"/m;
    const SUMS = /^(active_positions|net_exposure_usd|gross_exposure_usd) /m;
    await shows('kill_switch_engaged{shard="other"} 0');
    await shows('net_exposure_usd 0');
    if (trouble === 'recovering') other.status = 'recovering';
    else other.read = () => new Promise(() => {}); // it is asked, and does not come round to it
    await expect.poll(() => metrics.registry.metrics()).not.toMatch(PARTS);
    await expect.poll(() => metrics.registry.metrics()).not.toMatch(SUMS);
    await shows('kill_switch_engaged{shard="main"} 0'); // nobody waits for it
    await shows('sequencer_queue_depth{shard="other"} 3');
    if (trouble === 'busy') return;
    other.status = 'running';
    await shows('kill_switch_engaged{shard="other"} 0');
    await shows('net_exposure_usd 0');
  },
);

test('where no shard is there is no sum', async () => {
  const { metrics, watch, shows } = await room();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(await metrics.registry.metrics()).not.toMatch(/^(active_positions|net_exposure_usd) /m);
  const leave = watch('main');
  await shows('gross_exposure_usd 0');
  leave();
  expect(await metrics.registry.metrics()).not.toMatch(/^(active_positions|gross_exposure_usd) /m);
});

test('a venue that no shard here trades at any more has no doubts and no breaker here', async () => {
  const { metrics, watch, shows } = await room();
  const troubled = { attempts: 1, retries: 1, inDoubt: 3, breaker: { status: 'open' } };
  const [leaveEast, leaveWest] = [watch('east', troubled), watch('west', troubled)];
  await shows('venue_in_doubt_orders{venue="SIM"} 6');
  leaveEast();
  await shows('venue_in_doubt_orders{venue="SIM"} 3');
  await shows('venue_breaker_state{venue="SIM"} 2');
  leaveWest();
  expect(await metrics.registry.metrics()).not.toMatch(/^venue_(in_doubt_orders|breaker_state)\{/m);
});

test('shards that share a venue’s name have their doubts added up, and the worst breaker shown', async () => {
  const { watch, shows } = await room();
  const first = { attempts: 5, retries: 1, inDoubt: 2, breaker: { status: 'open' } };
  watch('east', first);
  watch('west', { attempts: 3, retries: 0, inDoubt: 1, breaker: { status: 'closed' } });
  await shows('venue_attempts_total{venue="SIM"} 8');
  await shows('venue_retries_total{venue="SIM"} 1');
  await shows('venue_in_doubt_orders{venue="SIM"} 3');
  await shows('venue_breaker_state{venue="SIM"} 2');
  first.attempts = 6;
  first.breaker.status = 'half_open';
  await shows('venue_attempts_total{venue="SIM"} 9');
  await shows('venue_breaker_state{venue="SIM"} 1');
});

test('each command is timed in the queue and at the decision, each commit at the journal', async () => {
  const { sequencer, value } = await room();
  const before = await value('decide_seconds_count');
  expect(before).toBe(4); // what opened the stage
  const sent = ['B1', 'B2', 'B3'].map((name) => sequencer.submit(place(buy(name, '1', '1')), by));
  await Promise.all(sent);
  await sequencer.read(() => undefined); // a question is no command
  expect(await value('decide_seconds_count')).toBe(before + 3);
  expect(await value('sequencer_wait_seconds_count')).toBe(before + 3);
  expect(await value('decide_seconds_sum')).toBeGreaterThan(0);
  expect(await value('sequencer_wait_seconds_sum')).toBeGreaterThan(0);
  expect(await value('sequencer_batch_commands_sum')).toBe(before + 3);
  expect(await value('journal_append_seconds_count')).toBe(await value('sequencer_batch_commands_count'));
});

test('the queue is as deep as commands wait', async () => {
  const { sequencer, watch, shows } = await room();
  const waiting = { waiting: 7, position: sequencer.position, status: 'recovering' as const };
  watch('main', quiet);
  await shows('sequencer_queue_depth{shard="main"} 0');
  const metrics = openMetrics();
  const gauges = new Gauges(metrics, silentLog(), { everyMs: 5, staleMs: 50 });
  gauges.watch({
    shard: 'main',
    sequencer: { ...waiting, read: sequencer.read },
    link: quiet as Link,
    venue: 'SIM',
  });
  await expect.poll(() => metrics.registry.metrics()).toContain('\nsequencer_queue_depth{shard="main"} 7\n');
  gauges.stop();
});
