/** PostgreSQL gone in mid-flight under load: refused cleanly, told by health, resumed without a hand, nothing lost. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Client } from '../../test/client.ts';
import { Dice } from '../../test/dice.ts';
import { standingMarket } from '../../test/market.ts';
import { clientIdsAreUsedOnce, reckon, venueHasSpoken } from '../../test/reckoning.ts';
import { type Environment, Folder, Server } from '../../test/server.ts';
import { Traffic } from '../../test/traffic.ts';
import { EmbeddedServer } from '../database/embedded.ts';
import { findPostmaster } from '../database/postmaster.ts';

let folder: Folder;
/** PostgreSQL's own. */
let external: Folder;
let server: Server | undefined;

beforeEach(async () => {
  folder = await Folder.make();
  external = await Folder.make();
});
afterEach(async () => {
  await server?.end('SIGKILL');
  await folder.remove();
  await external.remove();
});

const wordsOf = (dice: Dice) => ({
  side: dice.one(['BUY', 'SELL'] as const),
  quantity: dice.one([1, 10, 50]),
  price: dice.one(['99.50', '100.01', '99.99', '100.50']),
});
const environmentFor = async (more: Environment): Promise<Environment> => {
  const quotes = [{ ticker: 'AAPL', bid: '99.99', ask: '100.01', size: 1_000_000 }];
  return { ...(await standingMarket(folder.path, quotes)), DATA_DIR: folder.path, ...more };
};

async function trafficOn(url: string): Promise<{ traffic: Traffic; admin: Client }> {
  const dice = new Dice();
  console.log(`outages: seed ${dice.seed}`);
  const [trader, admin] = [await Client.login(url, 'trader1'), await Client.login(url, 'admin')];
  const clients: [Client, Client] = [trader, admin];
  return { admin, traffic: new Traffic({ clients, traders: 6, dice, wordsOf, cancelRate: 0.3, pauseMs: 2 }) };
}

interface Health {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly components: Readonly<Record<string, string>>;
}
async function healthOf(url: string): Promise<Health> {
  const response = await fetch(`${url}/api/v1/health`);
  const { components } = (await response.json()) as Pick<Health, 'components'>;
  return { status: response.status, retryAfter: response.headers.get('retry-after'), components };
}

async function signalDatabase(dataDir: string, signal: NodeJS.Signals): Promise<void> {
  const running = await findPostmaster(join(dataDir, 'postgres'));
  if (running === undefined) throw new Error('no PostgreSQL runs there');
  process.kill(running.pid, signal);
  while ((await findPostmaster(join(dataDir, 'postgres')))?.pid === running.pid) await sleep(10);
}

describe('an external PostgreSQL', () => {
  test('stopped in three ways and started again: no order is promised meanwhile, and trading resumes by itself', async () => {
    const database = await EmbeddedServer.on(external.path, () => {});
    const url = await database.ensureRunning();
    const environment = await environmentFor({ POSTGRES_URL: url });
    server = await Server.start(['--demo'], environment);
    const { traffic, admin } = await trafficOn(server.url);
    traffic.start();
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      await traffic.progress(40);
      await signalDatabase(external.path, signal); // fast, immediate, none
      await expect.poll(async () => (await healthOf(admin.url)).status, { timeout: 10_000 }).toBe(503);
      const promised = traffic.acknowledged.length;
      const refused = traffic.unavailable.length;
      await sleep(1_200); // longer than health is remembered
      expect(traffic.acknowledged.length).toBe(promised);
      expect(traffic.unavailable.length).toBeGreaterThan(refused);
      const { status, retryAfter, components } = await healthOf(admin.url);
      expect([status, retryAfter]).toEqual([503, '1']);
      expect(components.event_store).not.toBe('operational');

      expect(await database.ensureRunning()).toBe(url);
      await traffic.progress(20);
      await expect.poll(async () => (await healthOf(admin.url)).status, { timeout: 10_000 }).toBe(200);
    }
    await traffic.finish();
    expect(server.hasEnded).toBe(false);
    expect(traffic.unavailable.every(({ retryAfter }) => retryAfter === '1')).toBe(true);
    await venueHasSpoken(admin);
    await reckon({ traffic, admin, databaseUrl: url, environment });
    await clientIdsAreUsedOnce(traffic, url);
    expect(await server.end('SIGTERM')).toBe(0);
    await database.stop();
  });
});

/** The server's own processes: the postmaster and its children, each in a session of its own. */
async function processesOf(postmaster: number): Promise<readonly number[]> {
  const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
  return [postmaster, ...children.trim().split(' ').map(Number)];
}

describe.runIf(process.platform === 'linux')('a PostgreSQL that hangs', () => {
  test('is given up in time, and what it does when it wakes neither loses an order nor doubles one', async () => {
    const database = await EmbeddedServer.on(external.path, () => {});
    const url = await database.ensureRunning();
    const environment = await environmentFor({ POSTGRES_URL: url });
    server = await Server.start(['--demo'], environment);
    const { traffic, admin } = await trafficOn(server.url);
    traffic.start();
    await traffic.progress(40);
    const running = await findPostmaster(join(external.path, 'postgres'));
    const frozen = await processesOf(running?.pid ?? 0);
    for (const pid of frozen) process.kill(pid, 'SIGSTOP');
    await expect.poll(async () => (await healthOf(admin.url)).status, { timeout: 20_000 }).toBe(503);
    await expect.poll(() => traffic.unavailable.length, { timeout: 40_000 }).toBeGreaterThan(0);
    for (const pid of frozen) process.kill(pid, 'SIGCONT');
    await traffic.progress(20);
    await traffic.finish();
    await venueHasSpoken(admin);
    await reckon({ traffic, admin, databaseUrl: url, environment });
    await clientIdsAreUsedOnce(traffic, url);
    expect(await server.end('SIGTERM')).toBe(0);
    await database.stop();
  });
});

describe('the embedded PostgreSQL', () => {
  test('killed under the server is started again by it, and trading resumes by itself', async () => {
    const environment = await environmentFor({});
    server = await Server.start(['--demo'], environment);
    const { traffic, admin } = await trafficOn(server.url);
    traffic.start();
    for (const signal of ['SIGKILL', 'SIGQUIT', 'SIGINT'] as const) {
      await traffic.progress(40);
      await signalDatabase(folder.path, signal);
    }
    await traffic.progress(40);
    await traffic.finish();
    expect(server.log).toContain('PostgreSQL is back');
    await venueHasSpoken(admin);
    const databaseUrl = await (await EmbeddedServer.on(folder.path, () => {})).ensureRunning();
    await reckon({ traffic, admin, databaseUrl, environment });
    await clientIdsAreUsedOnce(traffic, databaseUrl);
    expect(await server.end('SIGTERM')).toBe(0);
    expect(await findPostmaster(join(folder.path, 'postgres'))).toBeUndefined();
  });
});
