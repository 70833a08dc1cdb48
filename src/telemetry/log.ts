/** The log: one JSON object a line, with a time and a correlation id, and never a secret. */
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

const SECRETS = [
  'authorization',
  'cookie',
  'password',
  'password_hash',
  'passwordHash',
  'secret',
  'secretKey',
  'SECRET_KEY',
  'token',
  'access_token',
  'accessToken',
  'refresh_token',
  'refreshToken',
  'url', // a database's URL holds its password
  'connectionString',
];

/** Where a secret may lie in what is logged: at the top, and one and two levels down. */
const PATHS = SECRETS.flatMap((secret) => [secret, `*.${secret}`, `*.*.${secret}`]);

/** A log on standard output, or on `destination`. Secrets are taken out of the objects that are logged. */
export function openLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    redact: { paths: PATHS, censor: '[redacted]' },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** A log that says nothing: for tests and tools. */
export const silentLog = (): Log => openLog('silent');
