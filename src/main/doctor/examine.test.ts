/** The examinations that need no service: files, folders, certificates; and what holds for all of them. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { selfSigned } from '../../../test/certificate.ts';
import { findingsText } from '../../cli/findings-text.ts';
import type { Environment } from '../setting-files.ts';
import { EXAMINATIONS, examine } from './examine.ts';
import type { Finding } from './finding.ts';

const SECRET = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'itirp-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string, mode = 0o400): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
};

async function findingsOf(
  about: keyof typeof EXAMINATIONS,
  environment: Environment,
): Promise<readonly Finding[]> {
  const only = { [about]: EXAMINATIONS[about] ?? (() => Promise.resolve([])) };
  return await examine({ DATA_DIR: folder, SECRET_KEY: SECRET, ...environment }, only);
}
const gradesOf = async (about: string, environment: Environment): Promise<readonly string[]> =>
  (await findingsOf(about, environment)).map(({ grade }) => grade);

describe('settings', () => {
  const API = {
    ROLE: 'api',
    KAFKA_BROKERS: 'k:9092',
    POSTGRES_URL: 'postgres://db/x',
    REDIS_URL: 'redis://r',
  };
  test('that hold are well, and counted', async () => {
    const environment = { REDIS_URL: '', SHARD: 'desk' };
    expect(await findingsOf('settings', environment)).toEqual([
      { grade: 'ok', about: 'settings', says: '3 settings are given, and all hold' },
    ]);
  });

  test.each([
    ['bad', /SECRET_KEY is shorter than 32/, { SECRET_KEY: 'short' }],
    ['bad', /SECRET_KEY_FILE: .* is not there/, { SECRET_KEY: '', SECRET_KEY_FILE: '/none/secret' }],
    ['bad', /TLS_CERT_FILE and TLS_KEY_FILE go together/, { TLS_CERT_FILE: 'x' }],
    ['warn', /SHARDZ is read by nobody/, { SHARDZ: 'a,b' }],
    ['warn', /public passwords/, { ENVIRONMENT: 'demo' }],
    ['warn', /ALLOWED_ORIGINS/, { ALLOWED_ORIGINS: '*' }],
    ['warn', /RATE_LIMIT_PER_MINUTE/, { RATE_LIMIT_PER_MINUTE: '0' }],
    ['warn', /not encrypted/, { HOST: '0.0.0.0' }],
    ['warn', /^WORKERS is 8: .*counters fall/, { ...API, WORKERS: '8' }],
  ])('%s: %s', async (grade, says, environment) => {
    expect(await findingsOf('settings', environment as Environment)).toEqual([
      expect.objectContaining({
        grade,
        says: expect.stringMatching(says),
        remedy: expect.stringMatching(/./),
      }),
    ]);
  });
});

describe('secrets', () => {
  const KEY = 'c0ffee'.repeat(8);
  const word = 'a-long-enough-word';
  test('that are strong and kept from others are well', async () => {
    const environment = {
      SECRET_KEY: '',
      SECRET_KEY_FILE: file('secret', SECRET),
      POSTGRES_URL: `postgres://u:${word}@db/x?sslmode=verify-full`,
      REDIS_URL: `rediss://:${word}@cache`,
      KAFKA_BROKERS: 'kafka:9093',
      KAFKA_USERNAME: 'u',
      KAFKA_PASSWORD: word,
      KAFKA_TLS: 'true',
    };
    expect(await gradesOf('secrets', environment)).toEqual(['ok']);
    expect(
      await gradesOf('secrets', {
        POSTGRES_URL: `postgres://u:${word}@[::1]/x`,
        REDIS_URL: 'redis://localhost',
      }),
    ).toEqual(['ok']);
    expect(await gradesOf('secrets', { POSTGRES_URL: 'postgres:///db?host=/run/postgresql' })).toEqual([
      'ok',
    ]);
    const tls = 'postgres://u@db/x?sslmode=verify-full';
    expect(await gradesOf('secrets', { POSTGRES_URL: tls, PGPASSWORD: word })).toEqual(['ok']);
  });

  test.each([
    ['warn', /SECRET_KEY repeats itself/, { SECRET_KEY: KEY }],
    [
      'warn',
      /password of POSTGRES_URL has fewer than 12/,
      { POSTGRES_URL: 'postgres://u:short@localhost/x' },
    ],
    ['warn', /password of KAFKA has fewer than 12/, { KAFKA_USERNAME: 'u', KAFKA_PASSWORD: 'short' }],
    [
      'warn',
      /POSTGRES_URL leads over a network without TLS/,
      { POSTGRES_URL: `postgres://u:${word}@db,localhost/x` },
    ],
    ['warn', /REDIS_URL leads over a network/, { REDIS_URL: `redis://:${word}@cache` }],
    ['warn', /REDIS_URL has no password/, { REDIS_URL: 'rediss://cache' }],
    [
      'warn',
      /KAFKA_BROKERS are spoken to without TLS/,
      { KAFKA_BROKERS: 'k:9', KAFKA_USERNAME: 'u', KAFKA_PASSWORD: word },
    ],
    ['warn', /Kafka is used without a password/, { KAFKA_BROKERS: 'k:9', KAFKA_TLS: 'true' }],
    [
      'warn',
      /password of POSTGRES_URL has fewer than 12/,
      { POSTGRES_URL: 'postgres://u@localhost/x?password=short' },
    ],
    ['warn', /POSTGRES_URL has no password/, { POSTGRES_URL: 'postgres://u@db/x?sslmode=verify-full' }],
    [
      'warn',
      /POSTGRES_URL leads over a network/,
      { POSTGRES_URL: `postgres://u:${word}@localhost/x?host=db` },
    ],
    ['warn', /^S3_SECRET_ACCESS_KEY has fewer/, { S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'short' }],
    ['warn', /S3_ENDPOINT/, { S3_ENDPOINT: 'http://s3', S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: word }],
  ])('%s: %s', async (grade, says, environment) => {
    expect(await findingsOf('secrets', environment as Environment)).toEqual([
      expect.objectContaining({
        grade,
        says: expect.stringMatching(says),
        remedy: expect.stringMatching(/./),
      }),
    ]);
  });

  test.each([
    [0o400, 'ok'],
    [0o440, 'ok'],
    [0o444, 'warn'],
    [0o460, 'bad'],
    [0o602, 'bad'],
  ])('a file of mode %o is %s', async (mode, grade) => {
    const path = file('secret', SECRET, mode);
    expect(await gradesOf('secrets', { SECRET_KEY: '', SECRET_KEY_FILE: path })).toEqual([grade]);
    expect(await gradesOf('secrets', { BACKUP_KEY_FILE: path })).toEqual([grade]);
  });

  test('a key file that is missing is bad, and a port is no secret', async () => {
    expect(await gradesOf('secrets', { TLS_KEY_FILE: join(folder, 'none') })).toEqual(['bad']);
    expect(await gradesOf('secrets', { PORT_FILE: file('port', '8000', 0o666) })).toEqual(['ok']);
  });
});

describe('the certificate', () => {
  const files = (name: string, { certificate, key }: ReturnType<typeof selfSigned>): Environment => ({
    TLS_CERT_FILE: file(`${name}.crt`, certificate),
    TLS_KEY_FILE: file(`${name}.key`, key),
  });
  test('is well, soon over, over, or another key’s', async () => {
    const HOUR_MS = 3_600_000;
    expect(await gradesOf('certificate', {})).toEqual(['ok']);
    expect(await findingsOf('certificate', { TLS_CERT_FILE: '/x' })).toEqual([]); // the settings tell of it
    expect(await gradesOf('certificate', files('good', selfSigned('a')))).toEqual(['ok']);
    expect(await gradesOf('certificate', files('soon', selfSigned('a', { toMs: HOUR_MS })))).toEqual([
      'warn',
    ]);
    expect(await gradesOf('certificate', files('over', selfSigned('a', { toMs: -HOUR_MS })))).toEqual([
      'bad',
    ]);
    const mixed = { certificate: selfSigned('a').certificate, key: selfSigned('a').key };
    expect(await findingsOf('certificate', files('mixed', mixed))).toEqual([
      expect.objectContaining({
        grade: 'bad',
        says: expect.stringMatching(/is not the key of the certificate/),
      }),
    ]);
  });
});

describe('folders', () => {
  test('that are there, and that will be made, are judged by their disk', async () => {
    const findings = await findingsOf('disk', {
      CHECKPOINT_DIR: join(folder, 'not', 'yet'),
      BACKUP_TO: 's3://b/c',
    });
    expect(findings.map(({ says }) => says.split(' ')[0])).toEqual(['DATA_DIR', 'CHECKPOINT_DIR']);
    for (const { says } of findings) expect(says).toMatch(/GiB are free$/);
  });

  test('where a file is in the way are bad', async () => {
    const inTheWay = file('file', 'x');
    const findings = await findingsOf('disk', {
      BACKUP_TO: inTheWay,
      CHECKPOINT_TO: join(inTheWay, 'below'),
    });
    const [backups, checkpoints] = ['BACKUP_TO', 'CHECKPOINT_TO'].map((name) =>
      findings.find(({ says }) => says.startsWith(name)),
    );
    expect(backups).toMatchObject({ grade: 'bad', says: expect.stringMatching(/it is no folder/) });
    expect(checkpoints).toMatchObject({ grade: 'bad', says: expect.stringMatching(/ENOTDIR/) });
  });

  test('an embedded database that was never made is told, and not made', async () => {
    mkdirSync(join(folder, 'data'));
    expect(await findingsOf('postgres', { DATA_DIR: join(folder, 'data') })).toEqual([
      expect.objectContaining({ grade: 'warn', says: expect.stringMatching(/no embedded database .* yet/) }),
    ]);
  });
});

describe('whatever is examined', () => {
  test('what hangs is not waited for, and keeps nothing from the others', async () => {
    const hangs = () => new Promise<never>(() => {});
    const well = async () => [{ grade: 'ok', about: 'well', says: 'it is' }] as const;
    const findings = await examine({}, { hangs, well }, 50);
    expect(findings.map(({ grade, about }) => `${grade} ${about}`)).toEqual(['bad hangs', 'ok well']);
  });

  test('what breaks is a finding, and no secret is in it', async () => {
    const environment = { SECRET_KEY: SECRET, POSTGRES_URL: 'postgres://u:hush-hush@db/x' };
    const breaks = () => Promise.reject(new Error(`no way to postgres://u:hush-hush@db/x with ${SECRET}`));
    const [finding] = await examine(environment, { breaks });
    expect(finding).toMatchObject({
      grade: 'bad',
      says: 'could not be looked at: no way to [redacted] with [redacted]',
    });
  });

  test('for people it is a table with what helps, and a count', () => {
    const text = findingsText([
      { grade: 'ok', about: 'disk', says: 'room' },
      { grade: 'bad', about: 'postgres', says: 'it is\n away', remedy: 'start it' },
    ]);
    expect(text.split('\n')).toEqual([
      'ok    disk      room',
      'BAD   postgres  it is away',
      '                -> start it',
      '',
      '1 ok, 0 to look into, 1 bad',
    ]);
  });
});
