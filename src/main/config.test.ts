/** What an operator may set, and what is said when it does not hold. */
import { describe, expect, test } from 'vitest';
import { Fault } from '../faults/fault.ts';
import { SETTINGS } from './config.ts';
import { loadConfig } from './load-config.ts';
import { isOneOfMany, rolesOf, shardsOf } from './roles.ts';

const SECRET = '3f0c9a4be1d27785a6b4c2d9e8f7a1b05c6d7e8f';
const faultOf = (environment: Record<string, string>): string => {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof Fault && error.code === 'CONFIG_INVALID') return error.detail ?? '';
    throw error;
  }
  throw new Error('it was taken');
};

describe('settings', () => {
  test('without any setting there is no secret, and that is said with the remedy', () => {
    expect(faultOf({})).toBe(
      'SECRET_KEY is missing (make one with `openssl rand -hex 32`, or try `itirp serve --demo`)',
    );
  });

  test('demo mode needs no setting at all', () => {
    expect(loadConfig({ ENVIRONMENT: 'demo' })).toMatchObject({
      PORT: 8000,
      HOST: '127.0.0.1',
      SHARD: 'main',
    });
  });

  test('everything that is wrong is named in one message, and no secret in it', () => {
    const says = faultOf({
      PORT: '99999',
      LOG_LEVEL: 'loud',
      VENUE_REJECT_RATE: '-1',
      SECRET_KEY: 'hunter2',
    });
    expect(says).toContain('PORT is not a whole number from 0 to 65535');
    expect(says).toContain('LOG_LEVEL is not one of');
    expect(says).toContain('VENUE_REJECT_RATE is not a number from 0 to 1');
    expect(says).toContain('SECRET_KEY is shorter than 32 characters');
    expect(says).not.toContain('hunter2');
    expect(faultOf({ PORT: '-1' })).toMatch(/PORT is not .*; SECRET_KEY is missing/);
  });

  test.each([
    ['shorter than 32', 'short'],
    ['looks like a default', 'your-secret-key-change-in-production-please'],
    ['looks like a default', 'ITIRP-ITIRP-ITIRP-ITIRP-ITIRP-ITIRP'],
  ])('a secret that is %s is refused outside demo mode', (says, secret) => {
    expect(faultOf({ SECRET_KEY: secret })).toContain(says);
  });

  test.each([
    [{ TRADING_DAY_ZONE: 'Mars/Olympus' }, 'TRADING_DAY_ZONE'],
    [{ TRADING_DAY_START: '25:00' }, 'TRADING_DAY_START'],
    [{ VENUE_LATENCY_MIN_MS: '5', VENUE_LATENCY_MAX_MS: '1' }, 'VENUE_LATENCY_MIN_MS'],
    [{ QUOTES_FROM: 'yesterday' }, 'QUOTES_FROM'],
    [{ QUOTES_SPEED: '0' }, 'QUOTES_SPEED'],
    [{ POSTGRES_URL: 'mysql://x' }, 'POSTGRES_URL'],
    [{ TRUST_PROXY: 'maybe' }, 'TRUST_PROXY'],
    [{ PORT: '1e3' }, 'PORT'],
    [{ ROLE: 'api,waiter' }, 'ROLE waiter: there are all, api, engine, projector, publisher'],
    [{ ROLE: 'engine' }, 'ROLE needs KAFKA_BROKERS'],
    [{ SHARDS: 'a,b' }, 'SHARDS need KAFKA_BROKERS'],
    [{ SHARDS: 'a,b,a' }, 'SHARDS names one of them twice'],
    [{ SHARD: 'a b' }, 'SHARDS are letters'],
    [{ WORKERS: '3' }, 'WORKERS are for ROLE=api alone'],
    [{ REDIS_URL: 'http://cache' }, 'REDIS_URL does not begin with redis://'],
    [{ POSTGRES_REPLICA_URL: 'mysql://x' }, 'POSTGRES_REPLICA_URL'],
    [{ DRILL_SCRATCH_URL: 'mysql://x' }, 'DRILL_SCRATCH_URL'],
    [{ KAFKA_BROKERS: 'broker' }, 'KAFKA_BROKERS are HOST:PORT, and these are not: broker'],
    [{ KAFKA_BROKERS: 'b:9092' }, 'POSTGRES_URL is missing'],
    [{ KAFKA_BROKERS: 'b:9092' }, 'REDIS_URL is missing'],
    [{ KAFKA_BROKERS: 'b:9092' }, 'SECRET_KEY is missing: all nodes must have the same'],
    [{ KAFKA_PREFIX: 'a b' }, 'KAFKA_PREFIX'],
    [{ KAFKA_USERNAME: 'u' }, 'KAFKA_USERNAME and KAFKA_PASSWORD go together'],
  ])('%j is refused', (environment, name) => {
    expect(faultOf({ ENVIRONMENT: 'demo', ...(environment as Record<string, string>) })).toContain(name);
  });

  test('an empty value is none, and origins are split', () => {
    const config = loadConfig({
      SECRET_KEY: SECRET,
      PORT: '',
      ALLOWED_ORIGINS: 'https://a.example, https://b.example',
    });
    expect(config.PORT).toBe(8000);
    expect(config.ALLOWED_ORIGINS).toEqual(['https://a.example', 'https://b.example']);
  });

  test('one of many nodes names its services, its shards and what it does', () => {
    const config = loadConfig({
      SECRET_KEY: SECRET,
      KAFKA_BROKERS: 'one:9092, [::1]:9093',
      POSTGRES_URL: 'postgres://u:p@a:5432,b:5432/itirp',
      REDIS_URL: 'redis+sentinel://a:26379,b:26379/main',
      SHARDS: 'desk-a,desk-b',
      ROLE: 'engine, projector',
    });
    expect([...rolesOf(config)]).toEqual(['engine', 'projector']);
    expect(shardsOf(config)).toEqual(['desk-a', 'desk-b']);
    expect(isOneOfMany(config)).toBe(true);
  });

  test('a tool needs no secret and no bus, whatever the deployment looks like', () => {
    const config = loadConfig({ SHARDS: 'desk-a,desk-b', ENVIRONMENT: 'production' }, true);
    expect(shardsOf(config)).toEqual(['desk-a', 'desk-b']);
    expect(() => loadConfig({ SHARDS: 'a,a' }, true)).toThrow('SHARDS names one of them twice');
  });

  test('without a role a process does everything, on the one shard', () => {
    const config = loadConfig({ ENVIRONMENT: 'demo' });
    expect([...rolesOf(config)]).toEqual(['api', 'engine', 'projector', 'publisher']);
    expect(rolesOf({ ROLE: ['all'] })).toEqual(rolesOf(config));
    expect(shardsOf(config)).toEqual(['main']);
    expect(isOneOfMany(config)).toBe(false);
  });

  test('every setting says what it is for', () => {
    for (const { says, takes } of Object.values(SETTINGS))
      expect(`${says}${takes}`.length).toBeGreaterThan(10);
  });
});
