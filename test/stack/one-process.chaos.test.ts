/** The load and the checker on one process that is killed and started again: the same proof, before there are machines. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../src/database/database.ts';
import { Client } from '../client.ts';
import { venueHasSpoken } from '../reckoning.ts';
import { type Environment, Folder, Server } from '../server.ts';
import { expectLaws } from './checker/expect-laws.ts';
import { gather } from './checker/gather-postgres.ts';
import { readHistory } from './history/writer.ts';
import { Load } from './load/load.ts';

const LIMITS = {
  max_position_size: '400000',
  max_daily_volume: '100000000',
  max_net_exposure: '1500000',
  max_gross_exposure: '3000000',
};

let folder: Folder;
let server: Server | undefined;

beforeEach(async () => {
  folder = await Folder.make();
});
afterEach(async () => {
  await server?.end('SIGKILL');
  await folder.remove();
});

test('every law holds over a kill under load', async () => {
  const environment: Environment = { DATA_DIR: folder.path, MARKET_INTERVAL_MS: '100' };
  server = await Server.start(['--demo'], environment);
  const fixed: Environment = { ...environment, PORT: new URL(server.url).port };
  const historyPath = join(folder.path, 'history.jsonl');
  const load = await Load.prepare({
    url: server.url,
    traders: [
      { user: 'trader1', password: 'trader123' },
      { user: 'admin', password: 'admin123' },
    ],
    riskManager: { user: 'risk1', password: 'risk123' },
    historyPath,
    rate: 150,
  });
  console.log(`one process: seed ${load.dice.seed} (ITIRP_SEED=${load.dice.seed} throws these dice again)`);
  await load.setLimits(LIMITS);
  load.start();
  await sleep(1_500);
  await load.haltForAMoment();
  await server.end('SIGKILL');
  server = await Server.start(['--demo'], fixed);
  await sleep(1_500);
  await load.haltForAMoment();
  const figures = await load.stop();
  expect(figures.known).toBe(figures.begun);

  await venueHasSpoken(await Client.login(server.url, 'admin'));
  const database = await openDatabase({ dataDir: folder.path, exclusive: false });
  try {
    const calls = readHistory(historyPath);
    const evidence = await gather({ url: database.url, shards: ['main'], calls, rebuilds: true });
    const needs = {
      orders: 300,
      unknown: 5,
      retries: 5,
      cancels: 5,
      looks: 5,
      fills: 100,
      halts: 4,
      tried: 20,
    };
    expectLaws('one process', evidence, { needs: { ...needs, offsets: 0 }, latestMs: 30_000 });
  } finally {
    await database.close();
  }
});
