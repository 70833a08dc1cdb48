/** Two who speak to the whole firm at once, at one node or at two: neither is told what the other has undone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { by } from '../../sequencer/stage.fixture.ts';
import type { Client } from './testing/client.ts';
import { type FirmOfTwo, memoryGround, openFirmOfTwo } from './testing/firm-of-two.ts';
import type { FollowedReads } from './testing/followed-reads.ts';

let firm: FirmOfTwo<FollowedReads>;
let client: Client;
beforeEach(async () => {
  firm = await openFirmOfTwo(memoryGround());
  client = await firm.node();
});
afterEach(() => firm.close());

const engage = '/api/v1/risk/kill-switch?enabled=true';

test('limits set at two nodes at once are dealt out one after the other', async () => {
  const other = await firm.node();
  const set = (node: Client, max: number) =>
    node.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', { max_position_size: max });
  firm.bus.asleep.add('west');
  const one = set(client, 100);
  await expect.poll(() => firm.bus.carried.length).toBe(2);
  const two = set(other, 200);
  await client.ask('RISK_MANAGER', 'GET', '/api/v1/risk/limits');
  await sleep(50);
  expect(firm.bus.carried.length).toBe(2);
  firm.bus.wake();
  expect([(await one).status, (await two).status]).toEqual([200, 200]);
  expect(firm.bus.carried.length).toBe(4);
  const { shards } = (await client.ask('RISK_MANAGER', 'GET', '/api/v1/risk/limits')).body;
  expect(shards).toMatchObject([{ max_position_size: 100 }, { max_position_size: 100 }]);
});

test('a halt that is released in one shard before the last has it is not called one everywhere', async () => {
  firm.bus.asleep.add('west');
  const halting = client.ask('RISK_MANAGER', 'POST', engage);
  const east = firm.engines.get('east');
  await expect.poll(() => east?.read(({ isKillSwitchEngaged }) => isKillSwitchEngaged)).toBe(true);
  await east?.submit({ type: 'ReleaseKillSwitch' }, by);
  firm.bus.wake();
  const { status, body } = await halting;
  expect(status).toBe(202);
  expect(body).toMatchObject({
    kill_switch_enabled: false,
    halted_everywhere: false,
    message: 'Kill switch activated in 1 of 2 shards; ask again until all have it',
    shards: [
      { shard: 'east', applied: false, reason: expect.stringContaining('released again') },
      { shard: 'west', applied: true, reason: null },
    ], // prettier-ignore
  });
  expect((await client.ask('RISK_MANAGER', 'POST', engage)).body.halted_everywhere).toBe(true);
});
