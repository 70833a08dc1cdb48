/** One process whose way to PostgreSQL fails in every manner a network can: what was promised is kept, and it recovers. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { Client } from '../client.ts';
import { venueHasSpoken } from '../reckoning.ts';
import { Folder, Server } from '../server.ts';
import { expectLaws } from './checker/expect-laws.ts';
import { gather } from './checker/gather-postgres.ts';
import type { Call } from './history/record.ts';
import { readHistory } from './history/writer.ts';
import { Load } from './load/load.ts';
import type { LinkFault } from './network/link-fault.ts';
import { Network } from './network/network.ts';

const name = `links_${process.pid}`;
const LIMITS = {
  max_position_size: '1000000',
  max_daily_volume: '900000000',
  max_net_exposure: '3000000',
  max_gross_exposure: '6000000',
};
/** Over what a connection is given to answer, so that it is given up and made anew: milliseconds. */
const LONG_MS = 12_000;

let folder: Folder;
let network: Network;
let server: Server;
let directUrl: string;
const calls: Call[] = [];

beforeAll(async () => {
  folder = await Folder.make();
  network = await Network.start();
  const direct = new URL(inject('postgresUrl'));
  await once(direct.href, `create database ${name}`);
  direct.pathname = `/${name}`;
  directUrl = direct.href;
  const linked = new URL(direct);
  const target = { host: direct.hostname, port: Number(direct.port) };
  linked.port = String(await network.open('database', target));
  server = await Server.start(['--demo'], { POSTGRES_URL: linked.href, DATA_DIR: folder.path });
});
afterEach(() => network.heal());
afterAll(async () => {
  await network.heal();
  await server.end('SIGKILL');
  network.stop();
  await once(inject('postgresUrl'), `drop database ${name} with (force)`);
  await folder.remove();
});

async function once(target: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: target });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

const FAULTS: readonly (readonly [string, LinkFault, number])[] = [
  ['is reset', { kind: 'reset' }, 1_000],
  ['is slow', { kind: 'slow', latencyMs: 100, bytesPerSecond: 200_000 }, 3_000],
  ['is cut for a moment', { kind: 'cut', way: 'both' }, 1_500],
  ['is cut for long', { kind: 'cut', way: 'both' }, LONG_MS],
  ['carries questions and no answers', { kind: 'cut', way: 'toClient' }, LONG_MS],
  ['carries answers and no questions', { kind: 'cut', way: 'toServer' }, 3_000],
];

test.each(FAULTS)('every law holds when the way to the database %s', async (title, fault, lastsMs) => {
  const historyPath = join(folder.path, `${title.replaceAll(' ', '-')}.jsonl`);
  const load = await Load.prepare({
    url: server.url,
    traders: [{ user: 'trader1', password: 'trader123' }],
    riskManager: { user: 'risk1', password: 'risk123' },
    historyPath,
    rate: 100,
  });
  console.log(`${title}: seed ${load.dice.seed} (ITIRP_SEED=${load.dice.seed} throws these dice again)`);
  const countFrom = Date.now();
  await load.setLimits(LIMITS);
  load.start();
  await sleep(700);
  await load.haltForAMoment();
  await network.setFault('database', fault);
  await sleep(lastsMs);
  await network.heal();
  const known = load.figures.known;
  await expect.poll(() => load.figures.known, { timeout: 60_000 }).toBeGreaterThan(known + 100);
  await load.haltForAMoment();
  const figures = await load.stop();
  expect(figures.known).toBe(figures.begun);

  await venueHasSpoken(await Client.login(server.url, 'admin'));
  calls.push(...readHistory(historyPath));
  const evidence = await gather({ url: directUrl, shards: ['main'], calls, rebuilds: true });
  const needs = { orders: 100, unknown: 0, retries: 1, cancels: 5, looks: 5, fills: 50, halts: 4, tried: 20 };
  expectLaws(title, evidence, { needs: { ...needs, offsets: 0 }, latestMs: 60_000, countFrom });
});
