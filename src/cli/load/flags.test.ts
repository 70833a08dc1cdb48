import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Deployment, startDeployment } from '../../load/deployment.fixture.ts';
import { addressesOf } from '../../load/loopback.ts';
import { chosenBy, type LoadFlags, USUAL } from './flags.ts';
import { targetOf } from './target.ts';
import { passwordsShownIn, riskManagerFrom, tradersFrom, userFrom } from './users.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'itirp-load-flags-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(text: string): Promise<string> {
  const path = join(folder, `${Math.random()}.txt`);
  await writeFile(path, text);
  return path;
}

const target = (flags: Partial<LoadFlags>) =>
  targetOf({ ...USUAL, ...flags }, new AbortController().signal, () => {});

test('without flags it is a hundred requests a second for half a minute, after a warm-up', async () => {
  const { course, mix } = await chosenBy(USUAL);
  if (course.kind !== 'stages') throw new Error(course.kind);
  expect(course.stages.map(({ rate, seconds, isWarmUp }) => [rate, seconds, isWarmUp])).toEqual([
    [100, 5, true],
    [100, 30, false],
  ]);
  expect(mix).toEqual({ place: 80, cancel: 10, get: 5, positions: 5 });
});

test('a recorded day is played at its multiple, and --stress without one at twice the figures that are built in', async () => {
  const peakOf = await fileOf('time,volume\n2020-03-02T10:00:00Z,12000\n2020-03-02T10:01:00Z,6000\n');
  const { peak, says } = await chosenBy({ ...USUAL, peakOf, times: '3', mix: 'place=1' });
  expect([peak?.tradesASecond, peak?.requestsASecond]).toEqual([1, 3]);
  expect(says).toContain('3 times the recorded peak');
  const stress = await chosenBy({ ...USUAL, stress: true });
  expect([stress.peak?.requestsASecond, stress.bounds.p99MsMax]).toEqual([665, 1_000]);
  expect((await chosenBy({ ...USUAL, stress: true, p99: '50' })).bounds.p99MsMax).toBe(50);
});

test('a search takes its bounds from the flags', async () => {
  const flags = {
    ...USUAL,
    find: true,
    rate: '50',
    p99: '20',
    errors: '1%',
    refusals: '2',
    within: '10',
    step: '5s',
  };
  expect((await chosenBy(flags)).course).toEqual({
    kind: 'find',
    search: { from: 50, most: 100_000, within: 0.1 },
    bounds: { p99MsMax: 20, failedPartMax: 0.01, refusedPartMax: 0.02 },
    stepSeconds: 5,
  });
});

test.each<[Partial<LoadFlags>, string]>([
  [{ ramp: '1:2:1/1s', find: true }, 'at a time'],
  [{ find: true, stress: true }, 'at a time'],
  [{ rate: 'many' }, 'a rate is'],
  [{ for: 'ever' }, 'a duration is'],
  [{ mix: 'buy=1' }, 'a mix is'],
  [{ orders: 'stop=1' }, 'a mix is'],
  [{ arrivals: 'never' }, 'poisson'],
  [{ peakOf: '/nowhere.csv' }, 'ENOENT'],
  [{ stress: true, mix: 'get=1' }, 'place=N'],
  [{ connections: '0' }, '--connections'],
  [{ connections: '1.5' }, '--connections'],
  [{ errors: '-1' }, '--errors'],
  [{ refusals: '101' }, '--refusals'],
])('%j is refused', async (flags, says) => {
  await expect(chosenBy({ ...USUAL, ...flags })).rejects.toThrow(says);
});

describe('an address', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await startDeployment();
  });
  afterAll(() => deployment.close());

  test('of this machine in demo mode is loaded at once, and several are, and lead where they were judged', async () => {
    deployment.isDemo = true;
    const named = `http://localhost:${deployment.url.port}/`;
    const { urls, lookup } = await target({ url: [deployment.url.href, named] });
    expect(urls.map(({ href }) => href)).toEqual([deployment.url.href, named]);
    const found = await new Promise((resolve) =>
      lookup?.('localhost', { all: true }, (_error, addresses) => resolve(addresses)),
    );
    expect(found).toEqual(await addressesOf(new URL(named)));
  });
  test('of this machine and not in demo mode may be a tunnel: it needs a word that it may be, and hears why', async () => {
    deployment.isDemo = false;
    const url = [deployment.url.href];
    await expect(target({ url })).rejects.toThrow(
      /127\.0\.0\.1:\d+ is not in demo mode.*tunnel.*--yes-i-may/,
    );
    const { urls, lookup } = await target({ url, yesIMay: true });
    expect([urls.length, lookup]).toEqual([1, undefined]);
  });
  test('of which nobody knows whether it is in demo mode is not loaded', async () => {
    await expect(target({ url: ['http://127.0.0.1:1'] })).rejects.toMatchObject({
      code: 'LOAD_TARGET_FAILED',
    });
  });
  test('of another machine needs a word that it may be, is asked nothing before, and hears why', async () => {
    const asked = deployment.asked.length;
    const url = [deployment.url.href, 'https://192.0.2.1'];
    await expect(target({ url })).rejects.toThrow(/192\.0\.2\.1 is not this machine.*--yes-i-may/);
    expect(deployment.asked.length).toBe(asked);
    expect((await target({ url, yesIMay: true })).urls.length).toBe(2);
  });
  test.each([
    [{ url: ['ftp://127.0.0.1'] }, 'an address is'],
    [{ url: ['localhost'] }, 'an address is'],
    [{ url: ['http://127.0.0.1'], ownServer: true }, '--own-server'],
    [{ ca: '/nowhere.pem' }, 'ENOENT'],
  ])('%j is refused', async (flags, says) => {
    await expect(target(flags)).rejects.toThrow(says);
  });
});

describe('who trades', () => {
  const names = async (flags: Parameters<typeof tradersFrom>[0], environment = {}) =>
    (await tradersFrom(flags, environment)).map(({ name, password }) => `${name} ${password}`);

  test('comes from flags and files, else from the environment, else is the demo trader', async () => {
    const users = await fileOf('# desk\nann:with:colons\r\n\nbob: spaced \n');
    const environment = { ITIRP_LOAD_USERS: 'eve:1' };
    expect(await names({ user: ['cid:x'], users }, environment)).toEqual([
      'cid x',
      'ann with:colons',
      'bob  spaced ',
    ]);
    expect(await names({}, environment)).toEqual(['eve 1']);
    expect(await names({}, { ITIRP_LOAD_USERS_FILE: users })).toHaveLength(2);
    expect(await names({})).toEqual(['trader1 trader123']);
  });
  test.each(['just-a-secret', ':nobody', 'nothing:'])('"%s" is refused, and not shown', async (line) => {
    const refusal = await names({ users: await fileOf(line) }).catch((error: Error) => error.message);
    expect(refusal).toContain('NAME:PASSWORD');
    expect(refusal).not.toContain(line);
  });
  test('and who lifts the limits come the same way, and are one', async () => {
    const file = await fileOf('ann:with:colons\n');
    const named = async (flags: Parameters<typeof riskManagerFrom>[0], environment = {}) =>
      (await riskManagerFrom(flags, environment)).name;
    expect(await named({ riskUser: 'cid:x' }, { ITIRP_LOAD_RISK_USER: 'eve:1' })).toBe('cid');
    expect(await named({}, { ITIRP_LOAD_RISK_USER: 'eve:1' })).toBe('eve');
    expect(await riskManagerFrom({}, { ITIRP_LOAD_RISK_USER_FILE: file })).toEqual({
      name: 'ann',
      password: 'with:colons',
    });
    expect(await named({})).toBe('risk1');
    await expect(named({}, { ITIRP_LOAD_RISK_USER: 'a:1\nb:2' })).rejects.toThrow('more than one');
  });
  test('with a password on the command line is warned of it, and is not shown it', () => {
    expect(passwordsShownIn({ user: ['ann', 'bob'], riskUser: 'cid', users: 'a:file' })).toEqual([]);
    const warnings = passwordsShownIn({ user: ['ann', 'bob:secret'], riskUser: 'cid:secret' });
    expect(warnings.map((warning) => /ITIRP_\w+/.exec(warning)?.[0])).toEqual([
      'ITIRP_LOAD_USERS_FILE',
      'ITIRP_LOAD_RISK_USER_FILE',
    ]);
    expect(warnings.join('')).not.toContain('secret');
  });
  test('is somebody, and a name with a password is no question', async () => {
    await expect(names({ users: await fileOf('# nobody\n') })).rejects.toThrow('names nobody');
    expect(await userFrom('risk9:secret')).toEqual({ name: 'risk9', password: 'secret' });
  });
});
