import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Prometheus } from '../../scripts/dashboards/prometheus.ts';
import { itirp } from '../../stack/itirp.ts';
import { kill, start } from '../../stack/operations.ts';
import { PrometheusServer } from '../../stack/prometheus.ts';
import { scratchFolderOfFile } from '../../stack/scratch.ts';
import { sharedStack } from '../../stack/shared-stack.ts';
import type { Stack } from '../../stack/stack.ts';
import { targetsOf } from '../../stack/targets.ts';
import { HouseUnderLoad, moreKnown } from '../../test/stack/house-under-load.ts';
import type { Load } from '../../test/stack/load/load.ts';
import { panelsWithoutData, patiently, rulesBroken, targetsDown } from './scraped.fixture.ts';

const RATE = 20;
/** Processes of ITIRP, the balancer, and Prometheus itself. */
const TARGETS = 10 + 1 + 1;

const scratch = await scratchFolderOfFile();
let stack: Stack;
let load: Load;
let server: PrometheusServer;
let prometheus: Prometheus;

beforeAll(async () => {
  stack = await sharedStack();
  server = await PrometheusServer.open({ folder: scratch, targets: targetsOf(stack), everySeconds: 1 });
  await server.start();
  prometheus = new Prometheus(server.url);
  const settings = { ...stack.toolSettings, BACKUP_TO: join(scratch, 'backups') };
  for (const command of ['verify', 'backup', 'drill']) await itirp([command], settings);
  load = await new HouseUnderLoad(stack).prepareLoad('scrape', RATE);
  load.start();
  await moreKnown(load, 200);
});

afterAll(async () => {
  await load.stop();
  await server.stop();
});

test('every target is up', async () => {
  expect(await patiently(() => targetsDown(prometheus, TARGETS))).toEqual([]);
});

test('every rule can be reckoned', async () => {
  expect(await patiently(() => rulesBroken(prometheus))).toEqual([]);
});

test('every panel of every dashboard has data', async () => {
  expect(await panelsWithoutData(prometheus, ['TLS', 'files of its own'])).toEqual([]);
});

test('a node that is killed is seen, and seen to be back', async () => {
  const down = async (): Promise<readonly string[]> => {
    const to = Math.floor(Date.now() / 1000);
    const series = await prometheus.range('up{job="itirp"} == 0', { from: to, to, step: 1 });
    return series.map(({ labels }) => labels.instance ?? '');
  };
  await kill(stack, 'api-3');
  expect(await patiently(async () => ((await down()).includes('api-3') ? [] : ['api-3 seems up']))).toEqual(
    [],
  );
  await start(stack, 'api-3');
  expect(await patiently(down)).toEqual([]);
});
