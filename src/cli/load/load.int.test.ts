import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { selfSigned } from '../../../test/certificate.ts';
import { Client } from '../../../test/client.ts';
import { IssuedCertificate } from '../../../test/issued-certificate.ts';
import { Folder, itirp, Server } from '../../../test/server.ts';
import { type Deployment, LIMITS, startDeployment } from '../../load/deployment.fixture.ts';
import type { LoadFigures } from '../../load/figures.ts';

let folder: Folder;
let server: Server;
beforeAll(async () => {
  folder = await Folder.make();
  server = await Server.start(['--demo'], { DATA_DIR: folder.path, POSTGRES_URL: '' });
}, 120_000);
afterAll(async () => {
  await server.end('SIGTERM');
  await folder.remove();
});

const LAUNCHER = new URL('../../../bin/itirp.js', import.meta.url).pathname;
const QUICK = ['--warm-up', '1s', '--for', '3s', '--patience', '30s', '--timeout', '30s'];

/** The figures that `args` lead to, and what was said. */
async function loaded(name: string, args: readonly string[]) {
  const json = join(folder.path, `${name}.json`);
  const plot = join(folder.path, `${name}.svg`);
  const ended = await itirp(['load', '--url', server.url, ...args, '--json', json, '--plot', plot]);
  const figures = JSON.parse(await readFile(json, 'utf8')) as LoadFigures;
  return { ...ended, figures, svg: await readFile(plot, 'utf8') };
}

async function workingOrders(): Promise<number> {
  const trader = await Client.login(server.url, 'trader1');
  const orders = await trader.orders();
  return orders.filter(({ status }) => ['APPROVED', 'EXECUTING', 'PENDING'].includes(String(status))).length;
}

test('a load places, cancels and looks, and each acknowledged order is there exactly once; nothing is left working', async () => {
  const { code, output, figures, svg } = await loaded('steady', ['--rate', '100', ...QUICK, '--verify']);
  expect([code, output]).toEqual([0, expect.stringContaining('Each is there exactly once.')]);
  const { total, verified, outcomes, stages } = figures;
  expect(total.due).toBeGreaterThan(200);
  expect(total.begun + total.shed).toBe(total.due);
  expect(total.good + total.refused + total.failed).toBe(total.begun);
  expect([total.shed, total.failed]).toEqual([0, 0]);
  expect(Object.keys(total.operations).toSorted()).toEqual(['cancel', 'get', 'place', 'positions']);
  expect(outcomes['place 200 APPROVED']).toBeGreaterThan(100);
  expect(verified).toMatchObject({ held: figures.acknowledgedOrders, missing: 0, twice: 0, isSound: true });
  expect(stages.map(({ isWarmUp }) => isWarmUp)).toEqual([true, false]);
  expect(total.latencyMs.p50).toBeGreaterThanOrEqual(total.serviceMs.p50);
  expect(figures.series.length).toBeGreaterThanOrEqual(3);
  expect(svg).toMatch(/^<svg .*<\/svg>\n$/s);
  await expect.poll(workingOrders, { timeout: 10_000 }).toBe(0);
});

test('a ramp has its figures step by step, meets limits that were raised, and leaves those that were there', async () => {
  const risk = await Client.login(server.url, 'risk1');
  const { shards: _, ...usual } = await risk.get('/api/v1/risk/limits');
  const before = { ...usual, max_daily_volume: 0 }; // not one order would pass
  await risk.ask('PUT', '/api/v1/risk/limits', before);
  const args = ['--ramp', '20:60:20/1s', '--warm-up', '0', '--arrivals', 'constant', '--raise-limits'];
  const { code, figures, output } = await loaded('ramp', [...args, ...QUICK.slice(4)]);
  expect(code).toBe(0);
  expect(figures.by).toBe('rate');
  expect(figures.stages.map(({ rate, due }) => [rate, due])).toEqual([
    [20, 20],
    [40, 40],
    [60, 60],
  ]);
  expect([figures.total.refused, figures.acknowledgedOrders > 50]).toEqual([0, true]);
  expect(await risk.get('/api/v1/risk/limits')).toEqual(before);
  expect(output).toContain('the limits are raised. Should this be killed: before the load the limits were');
  expect(output).not.toContain('STILL RAISED');
  await risk.ask('PUT', '/api/v1/risk/limits', usual);
});

describe('limits that cannot be put back', { timeout: 120_000 }, () => {
  let deployment: Deployment;
  beforeEach(async () => {
    deployment = await startDeployment();
    deployment.fates.splice(0, 1, 'done', 'refused');
  });
  afterEach(() => deployment.close());
  const flags = ['--rate', '20', '--warm-up', '0', '--raise-limits'];

  test('are told with what they were and how to restore them, and the exit code is 1', async () => {
    const { code, output } = await itirp(['load', '--url', deployment.url.href, ...flags, '--for', '1s']);
    expect(code).toBe(1);
    expect(deployment.limits.max_daily_volume).toBe(90_000_000_000);
    expect(output).toContain('THE LIMITS ARE STILL RAISED: they could not be put back');
    expect(output).toContain(`"max_daily_volume":${LIMITS.max_daily_volume}`);
    expect(output).toContain(`curl --request PUT '${deployment.url.origin}/api/v1/risk/limits`);
  });
  test('hold a second Ctrl-C up, and the third ends it', async () => {
    const args = ['load', '--url', deployment.url.href, ...flags, '--for', '1h'];
    const child = spawn(process.execPath, [LAUNCHER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
    }
    const closed = once(child, 'close');
    const output = (): string => said.join('');
    await expect.poll(output, { timeout: 30_000 }).toContain('/s answered');
    const puts = (): number => deployment.asked.filter(({ what }) => what === 'PUT risk/limits').length;
    child.kill('SIGINT');
    await expect.poll(puts, { timeout: 30_000 }).toBeGreaterThan(1); // it is putting back, in vain
    child.kill('SIGINT');
    await expect.poll(output, { timeout: 30_000 }).toContain('Once more ends this at once; before the load');
    child.kill('SIGINT');
    expect(((await closed) as [number])[0]).toBe(130);
  });
});

test('behind TLS it loads a server whose certificate authority it is told, and no other', {
  timeout: 120_000,
}, async () => {
  const issued = new IssuedCertificate(selfSigned('localhost'));
  const own = await Folder.make();
  const tls = { TLS_CERT_FILE: issued.certFile, TLS_KEY_FILE: issued.keyFile };
  const secured = await Server.start(['--demo'], { DATA_DIR: own.path, POSTGRES_URL: '', ...tls });
  const url = `https://localhost:${new URL(secured.url).port}`;
  const stranger = await itirp(['load', '--url', url]);
  expect([stranger.code, stranger.output]).toEqual([1, expect.stringMatching(/self-signed|self signed/)]);
  const args = ['load', '--url', url, '--ca', issued.certFile, '--rate', '30', ...QUICK, '--verify'];
  const { code, output } = await itirp(args);
  expect([code, output]).toEqual([0, expect.stringContaining('Each is there exactly once.')]);
  await secured.end('SIGTERM');
  await own.remove();
  issued.remove();
});

test('a search tells each trial and the highest rate that was sustained', async () => {
  const args = [
    '--find',
    '--rate',
    '10',
    '--most',
    '20',
    '--step',
    '2s',
    '--p99',
    '60000',
    ...QUICK.slice(4),
  ];
  const { code, output, figures, svg } = await loaded('find', [...args, '--arrivals', 'constant']);
  expect(code).toBe(0);
  expect([figures.by, svg.includes('seconds from the begin')]).toEqual(['time', true]);
  const { rate = -1, trials = [] } = figures.highestSustained ?? {};
  expect(trials[0]?.rate).toBe(10);
  const sustained = trials.filter((trial) => trial.isSustained).map((trial) => trial.rate);
  expect(rate).toBe(Math.max(0, ...sustained)); // which it is, this machine's other work decides
  expect(svg.includes('sustained: ')).toBe(rate > 0);
  expect(output).toContain('10/s: ');
  expect(output).toContain(`Highest rate sustained: ${Math.round(rate)} requests a second.`);
});

test('orders over a limit are refusals, told apart, with the remedy', async () => {
  const risk = await Client.login(server.url, 'risk1');
  const before = await risk.get('/api/v1/risk/limits');
  await risk.ask('PUT', '/api/v1/risk/limits', { ...before, max_daily_volume: 0, shards: undefined });
  const { figures, output } = await loaded('refused', ['--rate', '30', '--mix', 'place=1', ...QUICK]);
  await risk.ask('PUT', '/api/v1/risk/limits', { ...before, shards: undefined });
  expect(figures.total).toMatchObject({ good: 0, failed: 0, refused: figures.total.due });
  expect(figures.outcomes).toEqual({ 'place 200 REJECTED DAILY_VOLUME_LIMIT': figures.total.due });
  expect(figures.acknowledgedOrders).toBe(0);
  expect(output).toContain('--raise-limits');
});

test('a stress test of a firm that is halted does not hold, says why, and ends with 1', async () => {
  const risk = await Client.login(server.url, 'risk1');
  await risk.ask('POST', '/api/v1/risk/kill-switch?enabled=true&reason=load');
  const args = ['--stress', '--times', '0.02', '--minute', '1s', '--warm-up', '0'];
  const { code, output, figures } = await loaded('halted', args);
  await risk.ask('POST', '/api/v1/risk/kill-switch?enabled=false&reason=load');
  expect([code, figures.acknowledgedOrders, figures.verified?.isSound]).toEqual([1, 0, true]);
  expect(output).toMatch(/It did not hold: .*none of \d+ orders acknowledged/);
  expect(output).toContain('There was nothing to verify.');
  expect(output).toContain('refused by KILL_SWITCH_ACTIVE: trading is halted');
  expect(output).not.toContain('--raise-limits');
});

test('Ctrl-C ends it with the figures so far, and the exit code a shell expects', async () => {
  const args = ['load', '--url', server.url, '--rate', '50', '--for', '1h', '--warm-up', '0', '--verify'];
  const child = spawn(process.execPath, [LAUNCHER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  }
  await expect.poll(() => said.join(''), { timeout: 30_000 }).toContain('/s answered');
  child.kill('SIGINT');
  const [code] = (await once(child, 'close')) as [number];
  expect([code, said.join('')]).toEqual([
    130,
    expect.stringContaining('Interrupted: these are the figures so far.'),
  ]);
  expect(said.join('')).toContain('place 200 APPROVED');
});

describe('it does not begin', () => {
  const refused = async (args: readonly string[], environment = {}): Promise<string> => {
    const { code, output } = await itirp(['load', ...args], environment);
    expect(code).toBe(1);
    return output;
  };
  test('on another machine, without a word that it may, and says why', async () => {
    const output = await refused(['--url', 'http://192.0.2.1:8000']);
    expect(output).toContain('[ARGUMENT_INVALID]');
    expect(output).toContain('--yes-i-may');
    expect(output).toContain('is not this machine');
  });
  test('with a wrong password, which is not shown', async () => {
    const output = await refused(['--url', server.url], { ITIRP_LOAD_USERS: 'trader1:not-the-password' });
    expect(output).toContain('[CREDENTIALS_INVALID]');
    expect(output).not.toContain('not-the-password');
  });
  test('with users that do not read, which are not shown either', async () => {
    const output = await refused(['--url', server.url], { ITIRP_LOAD_USERS: 'only-a-secret' });
    expect(output).toContain('[ARGUMENT_INVALID]');
    expect(output).not.toContain('only-a-secret');
  });
  test('where nobody listens', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    expect(await refused(['--url', `http://127.0.0.1:${port}`])).toContain('[LOAD_TARGET_FAILED]');
  });
});
