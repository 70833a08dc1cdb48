/** What an operator may set, and what is said when it does not hold. */
import { describe, expect, test } from 'vitest';
import { Fault } from '../faults/fault.ts';
import { loadConfig, SETTINGS } from './config.ts';

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

  test('every setting says what it is for', () => {
    for (const { says, takes } of Object.values(SETTINGS))
      expect(`${says}${takes}`.length).toBeGreaterThan(10);
  });
});
