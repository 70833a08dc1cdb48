/** The real server killed at random moments, twenty times in a row under load: nothing that was promised is lost or doubled. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Client } from '../../test/client.ts';
import { Dice } from '../../test/dice.ts';
import { standingMarket } from '../../test/market.ts';
import { clientIdsAreUsedOnce, limitsHold, reckon, venueHasSpoken } from '../../test/reckoning.ts';
import { type Environment, Folder, Server } from '../../test/server.ts';
import { Traffic } from '../../test/traffic.ts';
import { openDatabase } from '../database/database.ts';

const KILLS = 20;
let folder: Folder;
let server: Server | undefined;

beforeEach(async () => {
  folder = await Folder.make();
});
afterEach(async () => {
  await server?.end('SIGKILL');
  await folder.remove();
});

/** In a market that lasts for some of them: orders that trade, that trade in part, that rest, and that are denied. */
const wordsOf = (dice: Dice) => ({
  symbol: dice.one(['AAPL', 'MSFT']),
  side: dice.one(['BUY', 'SELL'] as const),
  quantity: dice.one([1, 10, 100, 700]),
  price: dice.one(['99.50', '99.99', '100.01', '100.50']),
});

test('twenty kills', async () => {
  const dice = new Dice();
  console.log(`kills: seed ${dice.seed} (ITIRP_SEED=${dice.seed} throws these dice again)`);
  const market = await standingMarket(folder.path, [
    { ticker: 'AAPL', bid: '99.99', ask: '100.01', size: 2_000 },
    { ticker: 'MSFT', bid: '99.99', ask: '100.01', size: 2_000 },
  ]);
  const environment: Environment = { ...market, DATA_DIR: folder.path, MARK_SAMPLE_MS: '100' };
  server = await Server.start(['--demo'], environment);
  const fixed: Environment = { ...environment, PORT: new URL(server.url).port };
  const [trader, admin] = [
    await Client.login(server.url, 'trader1'),
    await Client.login(server.url, 'admin'),
  ];
  await admin.ask('PUT', '/api/v1/risk/limits', { max_position_size: 300_000 }); // some are denied
  const traffic = new Traffic({
    clients: [trader, admin],
    traders: 6,
    dice,
    wordsOf,
    cancelRate: 0.2,
    pauseMs: 5,
  });
  traffic.start();

  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(dice.whole(0, 400));
    await server.end('SIGKILL');
    server = Server.launch(['--demo'], fixed);
    const isKilledAsItStarts = dice.chance(0.25);
    if (isKilledAsItStarts) await sleep(dice.whole(100, 1_500));
    else await server.ready();
  }
  await server.end('SIGKILL');
  server = await Server.start(['--demo'], fixed);
  await traffic.progress(10);
  await traffic.finish();

  await venueHasSpoken(admin);
  const database = await openDatabase({ dataDir: folder.path, exclusive: false });
  try {
    await reckon({ traffic, admin, databaseUrl: database.url, environment: fixed });
    await clientIdsAreUsedOnce(traffic, database.url);
    await limitsHold(admin, database.url, { AAPL: '100', MSFT: '100' });
  } finally {
    await database.close();
  }
  const statuses = traffic.acknowledged.map((sent) => sent.acknowledged?.status);
  const retried = traffic.history.filter(({ unheard }) => unheard > 0);
  console.log(`kills: ${statuses.length} orders acknowledged, ${retried.length} of them asked for again`);
  expect(new Set(statuses)).toEqual(new Set(['APPROVED', 'REJECTED']));
  expect(retried.length).toBeGreaterThan(KILLS / 2); // the kills did hit orders in flight
});
