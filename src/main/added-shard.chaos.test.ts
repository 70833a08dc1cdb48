/** A shard is added to a firm that trades, as docs/operations/changes.md tells it, on real Kafka, Redis and PostgreSQL. */
import { Admin } from '@platformatic/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../test/client.ts';
import type { Server } from '../../test/server.ts';
import { Services } from '../../test/services.ts';

let services: Services;

beforeAll(async () => {
  services = await Services.start();
});
afterAll(() => services?.end());

const node = (role: string, shards: string): Promise<Server> => services.node({ ROLE: role, SHARDS: shards });

async function addPartition(): Promise<void> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: services.brokers });
  const { brokers } = await admin.metadata({ topics: [] });
  const assignments = [{ brokerIds: [...brokers.keys()] }];
  await admin.createPartitions({ topics: [{ name: 'itirp.commands', count: 3, assignments }] });
  await admin.close();
}

const notesOf = async (url: string): Promise<unknown> =>
  ((await (await fetch(`${url}/readyz`)).json()) as { notes?: unknown }).notes;
const isOpen = async (url: string): Promise<number> => (await fetch(`${url}/api/v1/health`)).status;

test('a shard that is added has nothing until the limits are set, and no node forgets it', async () => {
  const engine = await node('engine,projector', 'one,two');
  const oldApi = await node('api', 'one,two');
  await expect.poll(() => isOpen(oldApi.url), { timeout: 60_000 }).toBe(200);
  const old = await Client.login(oldApi.url, 'admin');
  const limits = { max_position_size: 900, max_daily_volume: 9_000 };
  expect((await old.ask('PUT', '/api/v1/risk/limits', limits)).status).toBe(200);

  await addPartition();
  await engine.end('SIGTERM');
  const newEngine = await node('engine,projector', 'one,two,three');
  const told = { 'limits of three': expect.stringContaining('PUT /api/v1/risk/limits') };
  await expect.poll(() => notesOf(newEngine.url), { timeout: 60_000 }).toEqual(told);
  const newApi = await node('api', 'one,two,three');
  await expect.poll(() => isOpen(newApi.url), { timeout: 60_000 }).toBe(200);
  const now = await Client.login(newApi.url, 'admin');
  const share = (shard: string, most: number) => ({ shard, max_position_size: most });
  expect(await now.get('/api/v1/risk/limits')).toMatchObject({
    max_position_size: 900,
    shards: [share('one', 450), share('two', 450), { ...share('three', 0), kill_switch_enabled: true }],
  });

  const set = await now.ask('PUT', '/api/v1/risk/limits', { ...limits, kill_switch_enabled: false });
  expect(set).toMatchObject({ status: 200, body: { max_position_size: 900, kill_switch_enabled: false } });
  expect(await old.get('/api/v1/risk/limits')).toMatchObject({
    shards: [share('one', 300), share('two', 300), share('three', 300)],
  });
  expect(await notesOf(newEngine.url)).toBeUndefined();

  const halt = '/api/v1/risk/kill-switch?enabled=true';
  expect(await old.ask('POST', halt)).toMatchObject({
    status: 202,
    body: { halted_everywhere: false, shards: [{ applied: true }, { applied: true }, { shard: 'three' }] },
  });
  expect(await now.ask('POST', halt)).toMatchObject({ status: 200, body: { halted_everywhere: true } });
});
