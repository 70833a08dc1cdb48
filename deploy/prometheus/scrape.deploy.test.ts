import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Prometheus } from '../../scripts/dashboards/prometheus.ts';
import { PrometheusServer } from '../../stack/prometheus.ts';
import { scratchFolderOfFile } from '../../stack/scratch.ts';
import { Client } from '../../test/client.ts';
import { Folder, itirp, Server } from '../../test/server.ts';
import { panelsWithoutData, patiently, rulesBroken, targetsDown } from './scraped.fixture.ts';

const scratch = await scratchFolderOfFile();
let folder: Folder;
let server: Server;
let prometheus: Prometheus;
let prometheusServer: PrometheusServer;
let trading: Promise<void>;
let isOver = false;

/** Orders that are filled, one that rests and is canceled, and one too large for the limits; again and again. */
async function trade(trader: Client): Promise<void> {
  while (!isOver) {
    await trader.place({ type: 'MARKET', quantity: 10 });
    await trader.place({ type: 'MARKET', quantity: 10, side: 'SELL' });
    await trader.place({ quantity: 1_000_000 });
    const { body } = await trader.place({ quantity: 10, price: 1 });
    await trader.cancel(body.order_id);
    await sleep(100);
  }
}

beforeAll(async () => {
  folder = await Folder.make();
  const environment = { DATA_DIR: folder.path, BACKUP_TO: join(folder.path, 'backups') };
  server = await Server.start(['--demo'], environment);
  for (const command of ['verify', 'backup', 'drill']) {
    expect(await itirp([command], environment)).toMatchObject({ code: 0 });
  }
  prometheusServer = await PrometheusServer.open({
    folder: scratch,
    targets: {
      itirp: [{ address: new URL(server.url).host, labels: { instance: 'all-in-one', role: 'all' } }],
      haproxy: [],
    },
    everySeconds: 1,
  });
  await prometheusServer.start();
  prometheus = new Prometheus(prometheusServer.url);
  trading = trade(await Client.login(server.url, 'trader1'));
});

afterAll(async () => {
  isOver = true;
  await trading.catch(() => {});
  await prometheusServer.stop();
  await server.end('SIGTERM');
  await folder.remove();
});

test('every target is up', async () => {
  expect(await patiently(() => targetsDown(prometheus, 2))).toEqual([]);
  const jobs = (await prometheus.targets()).map(({ job }) => job);
  expect(jobs.sort()).toEqual(['itirp', 'prometheus']);
});

test('every rule can be reckoned', async () => {
  expect(await patiently(() => rulesBroken(prometheus))).toEqual([]);
  expect((await prometheus.rules()).length).toBeGreaterThan(30);
});

test('every panel that one process can fill has data', async () => {
  expect(await panelsWithoutData(prometheus, ['many processes', 'TLS'])).toEqual([]);
});

test('whoever halts trading sets the alert off, and who releases it ends it', async () => {
  const riskManager = await Client.login(server.url, 'risk1');
  const alert = 'ALERTS{alertname="ItirpKillSwitchEngaged", alertstate="firing"}';
  const fires = async (): Promise<boolean> => {
    const to = Math.floor(Date.now() / 1000);
    return (await prometheus.range(alert, { from: to, to, step: 1 })).length > 0;
  };
  await riskManager.ask('POST', '/api/v1/risk/kill-switch?enabled=true');
  expect(await patiently(async () => ((await fires()) ? [] : ['quiet']))).toEqual([]);
  await riskManager.ask('POST', '/api/v1/risk/kill-switch?enabled=false');
  expect(await patiently(async () => ((await fires()) ? ['fires'] : []))).toEqual([]);
});
