/** The whole platform in one process, watched from outside: every figure on an order's way moves with the order. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../test/client.ts';
import { standingMarket } from '../../test/market.ts';
import { Folder, itirp, Server } from '../../test/server.ts';

let folder: Folder;
let server: Server;

beforeAll(async () => {
  folder = await Folder.make();
  const market = await standingMarket(folder.path, [
    { ticker: 'AAPL', bid: '149.98', ask: '150.00', size: 1_000_000 },
  ]);
  server = await Server.start(['--demo'], { ...market, DATA_DIR: folder.path });
});
afterAll(async () => {
  await server.end('SIGTERM');
  await folder.remove();
});

const scrape = async (): Promise<string> => await (await fetch(`${server.url}/metrics`)).text();
const POLLING = { timeout: 20_000, interval: 200 };
const shows = (line: RegExp) => expect.poll(scrape, POLLING).toMatch(line);
const figure = (text: string, name: string): number =>
  Number(new RegExp(`^${name.replaceAll(/[{}"]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1]);

test('orders move every figure that lies on their way', { timeout: 120_000 }, async () => {
  const trader = await Client.login(server.url, 'trader1');
  const risk = await Client.login(server.url, 'risk1');
  const before = await scrape();
  expect((await trader.place()).body.status).toBe('APPROVED');
  expect((await trader.place({ price: '100.00' })).body.status).toBe('APPROVED'); // rests
  expect((await trader.place({ quantity: 90_000 })).body.status).toBe('REJECTED');
  await shows(/^orders_working\{shard="main"\} 1$/m);
  await shows(/^gross_exposure_usd 1[45]\d\d\d(\.\d+)?$/m);
  await shows(/^projection_lag_events\{shard="main"\} 0$/m);
  await shows(/^projection_lag_seconds\{shard="main"\} 0$/m);
  await shows(/^risk_limit_utilisation_ratio\{shard="main",limit="position"\} 0\.02\d*$/m);
  const after = await scrape();
  for (const [name, atLeast] of [
    ['orders_total', 3],
    ['orders_rejected', 1],
    ['risk_denials_total{rule="POSITION_LIMIT"}', 1],
    ['http_requests_total{method="POST",route="/api/v1/orders",status="200"}', 3],
    ['http_request_duration_seconds_count{method="POST",route="/api/v1/orders"}', 3],
    ['order_latency_seconds_count', 3],
    ['sequencer_wait_seconds_count', 3],
    ['decide_seconds_count', 3],
    ['journal_append_seconds_count', 1],
    ['venue_answer_seconds_count{venue="SIM"}', 2],
    ['venue_attempts_total{venue="SIM"}', 2],
  ] as const) {
    const was = figure(before, name);
    expect(figure(after, name) - (Number.isNaN(was) ? 0 : was), name).toBeGreaterThanOrEqual(atLeast);
  }
  expect(figure(after, 'kill_switch_engaged{shard="main"}')).toBe(0);
  await risk.ask('POST', '/api/v1/risk/kill-switch?enabled=true');
  await shows(/^kill_switch_engaged\{shard="main"\} 1$/m);
  await risk.ask('POST', '/api/v1/risk/kill-switch?enabled=false');
  await shows(/^kill_switch_engaged\{shard="main"\} 0$/m);
});

test('the process, its pools, its disk and its PostgreSQL are shown; what it has not got is not', async () => {
  await shows(/^postgres_synchronous_standbys 0$/m);
  const text = await scrape();
  expect(figure(text, 'node_ready')).toBe(1);
  expect(text).not.toMatch(/^node_unready_reason\{/m);
  expect(text).toMatch(/^build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
  expect(figure(text, 'data_disk_free_bytes{place="data"}')).toBeGreaterThan(0);
  expect(Math.abs(figure(text, 'clock_offset_seconds'))).toBeLessThan(2);
  expect(text).toMatch(/^postgres_pool_connections_max\{pool="journal_reader"\} \d+$/m);
  expect(text).toMatch(/^postgres_pool_connections\{pool="looks",state="(busy|idle)"\} 1$/m);
  expect(figure(text, 'postgres_pool_waiting{pool="reads"}')).toBe(0);
  expect(figure(text, 'event_loop_utilization')).toBeGreaterThan(0);
  for (const absent of [
    'redis_connected',
    'tls_certificate_expiry',
    'drill_rpo_seconds',
    'bus_consumer_lag',
  ]) {
    expect(text).not.toMatch(new RegExp(`^${absent}\\S* `, 'm'));
  }
});

test('what maintenance came to is shown soon after, good or not', { timeout: 120_000 }, async () => {
  const good = await itirp(['verify', '--data-dir', folder.path]);
  expect(good.code, good.output).toBe(0);
  await shows(/^maintenance_last_outcome\{kind="verify"\} 1$/m);
  const text = await scrape();
  const at = figure(text, 'maintenance_last_success_timestamp_seconds{kind="verify"}');
  expect(Math.abs(at - Date.now() / 1000)).toBeLessThan(100);
  const bad = await itirp(['backup', '--data-dir', folder.path, '--to', 's3://nobody/keeps-it']);
  expect([bad.code, bad.output]).toEqual([1, expect.stringContaining('S3_ACCESS_KEY_ID')]);
  await shows(/^maintenance_last_outcome\{kind="backup"\} 0$/m);
  expect(await scrape()).not.toContain('maintenance_last_success_timestamp_seconds{kind="backup"}');
});
