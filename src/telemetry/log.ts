/** The log: one JSON object a line, with a time and a correlation id, and never a secret. */
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** The text without the secrets that it may hold. */
export type Censor = (text: string) => string;

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
  'args', // of a command to Redis, in its errors: AUTH has the password, SET a session
];

/** Where a secret may lie in what is logged: at the top, and one and two levels down. */
const PATHS = SECRETS.flatMap((secret) => [secret, `*.${secret}`, `*.*.${secret}`]);

/**
 * A log on standard output, or on `destination`. Secrets are taken out of the objects that are logged, by their names;
 * and by `censor` out of each line, for those that a library has written into the text of an error.
 */
export function openLog(level: LogLevel, destination?: DestinationStream, censor?: Censor): Log {
  const options = {
    level,
    base: null,
    redact: { paths: PATHS, censor: '[redacted]' },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    ...(censor === undefined ? {} : { hooks: { streamWrite: censor } }),
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** A log that says nothing: for tests and tools. */
export const silentLog = (): Log => openLog('silent');
