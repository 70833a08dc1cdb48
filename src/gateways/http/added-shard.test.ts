/** A shard that is added while the firm trades: what it may hold, and what nodes say that were not told of it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SCALE } from '../../core/values/fixed-point.ts';
import { NO_LIMITS } from '../../firm/limit-shares.ts';
import { OPENING } from '../../sequencer/stage.fixture.ts';
import type { Client } from './testing/client.ts';
import { type FirmOfTwo, memoryGround, openFirmOfTwo } from './testing/firm-of-two.ts';
import type { FollowedReads } from './testing/followed-reads.ts';

const engage = '/api/v1/risk/kill-switch?enabled=true';
const limits = { max_position_size: 900, max_daily_volume: 9_000 };
let firm: FirmOfTwo<FollowedReads>;
/** Of a node that knows two shards, and of one that knows all three. */
let old: Client;
let client: Client;
beforeEach(async () => {
  firm = await openFirmOfTwo(memoryGround());
  old = await firm.node();
  await old.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', limits);
  await firm.begin('north', [
    { type: 'SetLimits', limits: NO_LIMITS },
    { type: 'EngageKillSwitch' },
    ...OPENING,
  ]);
  client = await firm.node();
});
afterEach(() => firm.close());

/** The most that all shards together may hold of one instrument, at each moment from now on. */
function mostPositionMax(): () => bigint {
  const now = new Map<string, bigint>();
  let most = 0n;
  const note = (shard: string, limit: bigint): void => {
    now.set(shard, limit);
    const sum = [...now.values()].reduce((total, one) => total + one, 0n);
    if (sum > most) most = sum;
  };
  for (const [shard, engine] of firm.engines) {
    void engine.read((state) => note(shard, state.firm.limits.positionMax));
    engine.subscribe(({ entries }) => {
      for (const event of entries.flatMap(({ events }) => events)) {
        if (event.type === 'LimitsSet') note(shard, event.limits.positionMax);
      }
    });
  }
  return () => most;
}

test('the new shard gets its share when the limits are set, and never before the others have given it', async () => {
  const most = mostPositionMax();
  firm.bus.asleep.add('west'); // and takes its time
  setTimeout(() => firm.bus.wake(), 100);
  const set = await client.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', {
    ...limits,
    kill_switch_enabled: false,
  });
  expect(set.status).toBe(200);
  expect(set.body).toMatchObject({ max_position_size: 900, kill_switch_enabled: false });
  const { shards } = (await client.ask('RISK_MANAGER', 'GET', '/api/v1/risk/limits')).body;
  expect(shards).toMatchObject([
    { shard: 'east', max_position_size: 300 },
    { shard: 'west', max_position_size: 300 },
    { shard: 'north', max_position_size: 300, kill_switch_enabled: false },
  ]);
  expect(most()).toBe(900n * SCALE);
});

test.each(['cut', 'asleep'] as const)('the new shard gets none while another is %s', async (trouble) => {
  firm.bus[trouble].add('west');
  const most = mostPositionMax();
  const { status, body } = await client.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', limits);
  expect(status).toBe(202);
  expect(body.shards).toMatchObject([
    { shard: 'east', applied: true },
    { shard: 'west', applied: false },
    { shard: 'north', applied: false, reason: expect.stringContaining('less') },
  ]);
  expect(most()).toBe(900n * SCALE);
  firm.bus.cut.clear();
  firm.bus.wake();
  expect((await client.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', limits)).status).toBe(200);
  expect(most()).toBe(900n * SCALE);
});

test('the new shard is named by a node that was not told of it, which never calls the firm halted everywhere', async () => {
  await client.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', { ...limits, kill_switch_enabled: false });
  const halted = await old.ask('RISK_MANAGER', 'POST', engage);
  expect(halted.status).toBe(202);
  expect(halted.body).toMatchObject({
    kill_switch_enabled: false,
    halted_everywhere: false,
    message: 'Kill switch activated in 2 of 3 shards; ask again until all have it',
    shards: [
      { shard: 'east', applied: true },
      { shard: 'west', applied: true },
      { shard: 'north', applied: false, reason: expect.stringContaining('SHARDS') },
    ],
  });
  const read = (await old.ask('RISK_MANAGER', 'GET', '/api/v1/risk/limits')).body;
  expect(read.kill_switch_enabled).toBe(false);
  expect(read.shards.map(({ shard }: { shard: string }) => shard)).toEqual(['east', 'west', 'north']);
  expect((await client.ask('RISK_MANAGER', 'POST', engage)).body.halted_everywhere).toBe(true);
  expect((await old.ask('RISK_MANAGER', 'GET', '/api/v1/risk/limits')).body.kill_switch_enabled).toBe(true);
});

test('the new shard keeps its share when a node that was not told of it sets limits', async () => {
  await client.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', { ...limits, kill_switch_enabled: false });
  const most = mostPositionMax();
  const set = await old.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', { max_position_size: 600 });
  expect(set.status).toBe(202);
  expect(set.body.shards.at(-1)).toMatchObject({ shard: 'north', applied: false });
  expect(set.body.max_position_size).toBe(700); // twice 200, and the 300 that it could not lower
  expect(most()).toBe(900n * SCALE);
});
