/** What the doctor makes of what it sees: each trouble is named with what helps, and a healthy one is let be. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { MaintenanceKind, MaintenanceOf } from '../../database/maintenance.ts';
import { judgeAge } from './backup-examination.ts';
import { judgeClock } from './clock.ts';
import { judgeConnections } from './connections.ts';
import { judgeSchema } from './database-examination.ts';
import { urlsOf } from './database-hosts.ts';
import { judgeSettings } from './database-settings.ts';
import { judgeRoom } from './disk-examination.ts';
import { DUTIES } from './duties.ts';
import { judgeDuty } from './maintenance.ts';
import { misspeltIn } from './misspelt.ts';
import { judgeNode } from './program-examination.ts';
import { judgeStandbys, standbysNeeded } from './replication.ts';
import { bitsOf } from './secrets-examination.ts';
import { judgeAnswer } from './traces-examination.ts';

const GIB = 2 ** 30;
const NOW = new Date('2026-06-01T12:00:00Z');
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * 86_400_000);

describe('names that nobody reads', () => {
  test.each([
    ['SHARDZ', 'SHARD'],
    ['SECRET_KEYS', 'SECRET_KEY'],
    ['POSTGRESS_URL', 'POSTGRES_URL'],
    ['REDIS_ULR', 'REDIS_URL'],
    ['KAFKA_BROKER', 'KAFKA_BROKERS'],
    ['ITIRP_REDIS_URL', 'REDIS_URL'],
    ['secret_key', 'SECRET_KEY'],
    ['KAFKA-PASSWORD', 'KAFKA_PASSWORD'],
    ['SECRET_KEY_FIEL', 'SECRET_KEY_FILE'],
    ['RATE_LIMIT_PER_MINUT', 'RATE_LIMIT_PER_MINUTE'],
  ])('%s is told', (name, meant) => {
    expect(misspeltIn({ [name]: 'x' })).toEqual([{ name, meant }]);
  });

  test('other programs’ names, ours, and empty ones are let be', () => {
    const usual =
      'PATH HOME USER SHELL PWD LANG TERM HOSTNAME LOGNAME TZ NODE_ENV NODE_OPTIONS SSL_CERT_FILE PGHOST PGPORT ' +
      'POSTGRES_USER POSTGRES_DB POSTGRES_PASSWORD REDIS_HOST REDIS_PORT KAFKA_PORT KUBERNETES_SERVICE_HOST host port ' +
      'ITIRP_SERVICE_HOST ITIRP_PORT_8000_TCP ITIRP_PG_BIN OTEL_SERVICE_NAME STACK_DIR SHARD SECRET_KEY_FILE';
    const environment = Object.fromEntries(usual.split(' ').map((name) => [name, 'x']));
    expect(misspeltIn({ ...environment, SHARDZ: '' })).toEqual([]);
  });
});

test('a key is judged by its characters, not by its length alone', () => {
  expect(bitsOf('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08')).toBeGreaterThan(200);
  expect(bitsOf('c0ffee'.repeat(8))).toBeLessThan(128);
  expect(bitsOf('0123456789abcdef'.repeat(2))).toBeLessThan(128);
  expect(bitsOf(`${'9f86d081884c7d65'.repeat(3)}9f86`)).toBeLessThan(128);
  expect(bitsOf('abcdefghijklmnopqrstuvwxyz0123456789')).toBeLessThan(128);
  expect(bitsOf('a'.repeat(64))).toBe(0);
});

test('keys that were drawn are strong', () => {
  for (let n = 0; n < 200; n += 1) {
    expect(bitsOf(randomBytes(32).toString('hex'))).toBeGreaterThan(128);
    expect(bitsOf(randomBytes(48).toString('base64'))).toBeGreaterThan(128);
  }
});

test('each host is asked by all that the URL says, whatever is in its query', () => {
  const rest = '/db?options=a@b,c&sslmode=require';
  expect(urlsOf(`postgres://u:p%40@one:1,two${rest}`)).toEqual([
    ['one:1', `postgres://u:p%40@one:1${rest}`],
    ['two', `postgres://u:p%40@two${rest}`],
  ]);
  expect(urlsOf('postgres:///db?host=/run')).toEqual([['/run', 'postgres:///db?host=/run']]);
  expect(urlsOf('postgres:///db')).toEqual([['localhost', 'postgres:///db']]);
});

test.each([
  [200, 'ok', ''],
  [401, 'warn', 'OTEL_EXPORTER_OTLP_HEADERS'],
  [404, 'warn', '4318'],
])('a collector that answers %d is %s', (status, grade, remedy) => {
  const finding = judgeAnswer('here', status);
  expect(finding.grade).toBe(grade);
  expect(finding.remedy ?? '').toContain(remedy);
});

test.each([
  [500, 1000, 'ok'],
  [100, 1000, 'warn'],
  [40, 1000, 'bad'],
  [0.9, 4, 'bad'],
  [0.92, 0.97, 'ok'], // a fresh volume of 1 GiB, as engines have for their checkpoints
  [0.12, 0.97, 'warn'],
  [0.04, 0.97, 'bad'],
  [0, 0, 'bad'],
])('%d of %d GiB free is %s', (free, size, grade) => {
  expect(judgeRoom('DATA_DIR', { freeBytes: free * GIB, sizeBytes: size * GIB }).grade).toBe(grade);
});

test.each([
  [0, 'ok'],
  [-499, 'ok'],
  [700, 'warn'],
  [-2_500, 'bad'],
])('a clock that is %d ms off is %s', (offset, grade) => {
  expect(judgeClock('PostgreSQL', offset).grade).toBe(grade);
});

test('an old Node is bad', () => {
  expect(judgeNode('24.0.0').grade).toBe('ok');
  expect(judgeNode('22.19.0')).toMatchObject({ grade: 'bad', remedy: expect.stringContaining('Node 24') });
});

describe('PostgreSQL’s settings', () => {
  const WELL = {
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    synchronous_standby_names: '',
    wal_level: 'replica',
    data_checksums: 'on',
    idle_session_timeout: '0',
    transaction_timeout: '0',
    TimeZone: 'Etc/UTC',
    max_connections: '200',
    superuser_reserved_connections: '3',
    reserved_connections: '0',
  };
  const settings = (changes: Record<string, string> = {}) => new Map(Object.entries({ ...WELL, ...changes }));

  test('are let be when they are well, also of a server that does not know them all', () => {
    expect(judgeSettings(settings()).map(({ grade }) => grade)).toEqual(['ok']);
    const old = settings();
    old.delete('transaction_timeout');
    expect(judgeSettings(old).map(({ grade }) => grade)).toEqual(['ok']);
  });

  test.each([
    ['fsync', 'off', 'bad', {}],
    ['full_page_writes', 'off', 'bad', {}],
    ['synchronous_commit', 'off', 'bad', {}],
    ['synchronous_commit', 'local', 'bad', { synchronous_standby_names: 'one' }],
    ['wal_level', 'minimal', 'warn', {}],
    ['data_checksums', 'off', 'warn', {}],
    ['idle_session_timeout', '60000', 'warn', {}],
    ['transaction_timeout', '60000', 'warn', {}],
    ['TimeZone', 'Europe/Berlin', 'warn', {}],
  ])('%s = %s is %s', (name, value, grade, more) => {
    const [finding, ...rest] = judgeSettings(settings({ ...more, [name]: value }));
    expect(finding).toMatchObject({ grade, says: expect.stringContaining(`${name} is ${value}`) });
    expect(rest).toEqual([]);
  });

  test('connections are counted against what a node opens', () => {
    expect(judgeConnections(settings(), 20, 40).grade).toBe('ok');
    expect(judgeConnections(settings(), 190, 40).grade).toBe('warn');
    expect(judgeConnections(settings({ max_connections: '30' }), 2, 40).grade).toBe('bad');
    const unseen = judgeConnections(settings(), undefined, 40);
    expect(unseen).toMatchObject({ grade: 'ok', says: expect.not.stringContaining('open,') });
  });
});

describe('standbys', () => {
  const follower = (sync: string) =>
    ({ name: 'one', state: 'streaming', sync, lagBytes: 0, lagSeconds: 0 }) as const;
  test.each([
    ['', [], false, ['warn']],
    ['', [], true, []],
    ['one', [follower('sync')], false, ['ok', 'warn']],
    ['ANY 1 (one, two)', [follower('quorum'), follower('quorum')], false, ['ok']],
    ['one', [], false, ['bad']],
    ['FIRST 2 (one, two)', [follower('sync'), follower('async')], false, ['bad']],
  ])('named "%s", with %j there: %j', (named, followers, isAlone, grades) => {
    expect([...judgeStandbys(named, followers, isAlone)].map(({ grade }) => grade)).toEqual(grades);
  });

  test.each([
    ['one', 1],
    ['*', 1],
    ['2 (one, two)', 2],
    ['first 3 (a, b, c)', 3],
    ['ANY 1 (a)', 1],
  ])('"%s" asks for %d', (named, needed) => {
    expect(standbysNeeded(named)).toBe(needed);
  });
});

test('a schema that lacks something, or has become another one, is told', () => {
  const standing = { missing: [], changed: [], contracted: [] };
  const grades = (changes: object) => judgeSchema({ ...standing, ...changes }).map(({ grade }) => grade);
  expect(grades({})).toEqual(['ok']);
  expect(grades({ missing: ['016', '017'] })).toEqual(['warn']);
  expect(grades({ changed: ['003'], contracted: ['018'] })).toEqual(['bad', 'bad']);
});

test.each([
  [3.9, 'ok'],
  [4.1, 'warn'],
  [26.1, 'bad'],
])('a newest backup of %d hours ago is %s', (hours, grade) => {
  expect(judgeAge({ name: 'backup', at: daysAgo(hours / 24).getTime() }, NOW).grade).toBe(grade);
});

describe('duties', () => {
  const secondsAt = (days: number): number => daysAgo(days).getTime() / 1000;
  const run = (kind: MaintenanceKind, isGood: boolean, days: number, goodDays?: number): MaintenanceOf => ({
    kind,
    isGood,
    atSeconds: secondsAt(days),
    lastGoodAtSeconds: goodDays === undefined ? undefined : secondsAt(goodDays),
  });
  const HOURS = 1 / 24;
  test.each<[string, keyof typeof DUTIES, readonly MaintenanceOf[], string, RegExp]>([
    ['done lately', 'drill', [run('drill', true, 3, 3)], 'ok', /^the last good one is of 2026-05-29/],
    ['done long ago', 'drill', [run('drill', true, 23, 23)], 'warn', /of 2026-05-09/],
    [
      'failed',
      'drill',
      [run('drill', false, 1, 20)],
      'warn',
      /last one failed or never.*one is of 2026-05-12/,
    ],
    ['never well', 'drill', [run('drill', false, 1)], 'warn', /none ever went well/],
    ['not on record', 'drill', [run('verify', true, 1, 1)], 'warn', /none is on record/],
    ['of this morning', 'backup', [run('backup', true, 5 * HOURS, 5 * HOURS)], 'warn', /T07:00/],
    ['of yesterday', 'backup', [run('backup', true, 27 * HOURS, 27 * HOURS)], 'bad', /T09:00/],
    ['done long ago', 'verify', [run('verify', true, 4, 4)], 'warn', /of 2026-05-28/],
    [
      'done by a drill',
      'verify',
      [run('verify', true, 4, 4), run('drill', true, 2, 2)],
      'ok',
      /good drill, .*-30T/,
    ],
    [
      'done by drills alone',
      'verify',
      [run('drill', true, 2, 2)],
      'ok',
      /good drill, which does it too, is of/,
    ],
    ['failed after a drill', 'verify', [run('verify', false, 1), run('drill', true, 2, 2)], 'warn', /failed/],
  ])('one that was %s: %s', (_when, kind, done, grade, says) => {
    expect(judgeDuty(DUTIES[kind], done, NOW)).toMatchObject({ grade, says: expect.stringMatching(says) });
  });
});
