import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chosenBy, type LoadFlags, USUAL } from './flags.ts';
import { targetOf } from './target.ts';
import { tradersFrom, userFrom } from './users.ts';

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
  expect((await chosenBy({ ...USUAL, stress: true })).peak?.requestsASecond).toBe(665);
});

test('a search takes its bounds from the flags', async () => {
  const flags = { ...USUAL, find: true, rate: '50', p99: '20', errors: '1%', within: '10', step: '5s' };
  expect((await chosenBy(flags)).course).toEqual({
    kind: 'find',
    search: { from: 50, most: 100_000, within: 0.1 },
    bounds: { p99MsMax: 20, failedPartMax: 0.01 },
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
])('%j is refused', async (flags, says) => {
  await expect(chosenBy({ ...USUAL, ...flags })).rejects.toThrow(says);
});

describe('an address', () => {
  test('of this machine is loaded at once, and several are', async () => {
    const { urls } = await target({ url: ['http://127.0.0.1:8000', 'https://[::1]:8443/desk'] });
    expect(urls.map(({ href }) => href)).toEqual(['http://127.0.0.1:8000/', 'https://[::1]:8443/desk']);
    expect((await target({})).urls.map(({ port }) => port)).toEqual(['8000']);
  });
  test('of another machine needs a word that it may be, and hears why', async () => {
    const url = ['http://127.0.0.1:8000', 'https://192.0.2.1'];
    await expect(target({ url })).rejects.toThrow(/192\.0\.2\.1 is not this machine.*--yes-i-may/);
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
  test('is somebody, and a name with a password is no question', async () => {
    await expect(names({ users: await fileOf('# nobody\n') })).rejects.toThrow('names nobody');
    expect(await userFrom('risk9:secret')).toEqual({ name: 'risk9', password: 'secret' });
  });
});
