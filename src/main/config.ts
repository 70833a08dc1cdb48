/** What an operator can set, by environment variable: one table of names, meanings and defaults, checked at start. */

import type { LogLevel } from '../telemetry/log.ts';
import { flag, integer, list, oneOf, rate, type Setting, secret, text } from './settings.ts';
import { TRACING_SETTINGS } from './tracing-settings.ts';

export const SETTINGS = {
  ENVIRONMENT: oneOf(
    ['demo', 'development', 'production'],
    'production',
    'All but production bring demo users with public passwords.',
  ),
  SECRET_KEY: secret('Signs access tokens; at least 32 characters. Demo mode makes one of its own.'),
  HOST: text('127.0.0.1', 'Address to listen on.'),
  PORT: integer(8000, 0, 65_535, 'Port to listen on; 0: any free one.'),
  TLS_CERT_FILE: text(
    undefined,
    'Certificate chain (PEM) to serve TLS 1.3 with; read anew when it changes. Without it plain HTTP.',
  ),
  TLS_KEY_FILE: text(undefined, 'Its private key (PEM); see TLS_CERT_FILE.'),
  DATA_DIR: text('./data', 'Where the embedded PostgreSQL keeps its data.'),
  POSTGRES_URL: secret(
    'An external PostgreSQL, several hosts separated by commas; without it the embedded one.',
  ),
  SHARD: text('main', "The journal's name within the database."),
  SHARDS: list('Every shard of the deployment, in the order of the partitions; without it SHARD alone.'),
  ROLE: list(
    'What this process does: all, or some of api, engine, projector, publisher, separated by commas.',
  ),
  NODE_NAME: text(
    undefined,
    'Name of this process among the others; made of host and process id by default.',
  ),
  DEPLOYMENT: text('itirp', 'Name of the deployment: nodes of another one are refused by the database.'),
  WORKERS: integer(1, 1, 64, 'Processes that share the HTTP port, for the role api alone.'),
  KAFKA_BROKERS: list('Addresses of the command bus, HOST:PORT; without it one process does everything.'),
  KAFKA_PREFIX: text(
    '',
    'Before the names of topics and groups: sets deployments on one Kafka cluster apart, as `desk1.`.',
  ),
  KAFKA_USERNAME: text(undefined, 'For SASL/SCRAM-SHA-512, with KAFKA_PASSWORD.'),
  KAFKA_PASSWORD: secret('See KAFKA_USERNAME.'),
  KAFKA_TLS: flag(false, 'Speak TLS with the brokers.'),
  KAFKA_REPLICATION: integer(0, 0, 9, 'Copies of each partition of a topic that is created; 0: up to three.'),
  REDIS_URL: secret('Redis: redis://, rediss://, redis+sentinel://H:P,H:P/NAME or redis+cluster://H:P,H:P.'),
  POSTGRES_REPLICA_URL: secret('A standby that may answer reads which may lag.'),
  POSTGRES_POOL_MAX: integer(8, 1, 200, 'Connections of each pool to PostgreSQL.'),
  COMMAND_DEADLINE_MS: integer(
    15_000,
    100,
    600_000,
    'An order that reaches its engine later, counting from the door, is refused.',
  ),
  ANSWER_WAIT_MS: integer(
    5_000,
    100,
    600_000,
    'How long a request waits for its engine before it is told 202.',
  ),
  DRAIN_MS: integer(0, 0, 600_000, 'After SIGTERM: how long to go on answering as not ready before closing.'),
  EVENTS_KEEP_DAYS: integer(
    0,
    0,
    36_500,
    'Days of events and executions the views keep; 0: all. The journal keeps all.',
  ),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'info', 'What is logged.'),
  ALLOWED_ORIGINS: list('Origins that browsers may call from, separated by commas; none by default.'),
  TRUST_PROXY: flag(false, "Take the client's address from X-Forwarded-For: only behind a proxy of yours."),
  RATE_LIMIT_PER_MINUTE: integer(6000, 0, 1e9, 'Requests a user, and an address, may make; 0: no limit.'),
  QUEUE_MAX: integer(16_384, 1, 1e6, 'Orders that may wait to be decided before 503 is answered.'),
  SNAPSHOT_EVERY: integer(250_000, 0, 1e12, 'Facts between two snapshots; 0: only at a graceful stop.'),
  TRADING_DAY_ZONE: text('America/New_York', 'IANA zone of the trading day.'),
  TRADING_DAY_START: text('17:00', 'When it begins there, `HH:MM`; from noon on it begins the next date.'),
  QUOTE_STALENESS_MS: integer(20_000, 1, 1e9, 'A quote older than this prices no market order.'),
  MARK_SAMPLE_MS: integer(5_000, 100, 1e9, 'How often what is held is marked to the market.'),
  QUOTES_FILE: text(undefined, 'CSV of quotes to play; without it a seeded market is made up.'),
  QUOTES_SPEED: rate(1, 1e6, 'Recorded seconds a real second, for QUOTES_FILE.'),
  QUOTES_FROM: text(undefined, 'ISO 8601 instant in QUOTES_FILE to begin at.'),
  MARKET_SEED: integer(1, 0, Number.MAX_SAFE_INTEGER, 'Of the made-up market and the simulated venue.'),
  MARKET_INTERVAL_MS: integer(250, 10, 1e6, "Between two quotes of a made-up market's instrument."),
  VENUE_LATENCY_MIN_MS: integer(0, 0, 60_000, "The simulated venue's shortest answer."),
  VENUE_LATENCY_MAX_MS: integer(0, 0, 60_000, "The simulated venue's longest answer."),
  VENUE_REJECT_RATE: rate(0, 1, 'Part of orders the simulated venue rejects, 0 to 1.'),
  VENUE_NO_ANSWER_RATE: rate(0, 1, 'Part of requests it leaves without an answer, 0 to 1.'),
  VENUE_UNREACHABLE_RATE: rate(0, 1, 'Part of requests that never reach it, 0 to 1.'),
  VENUE_TIMEOUT_MS: integer(5_000, 1, 600_000, 'How long a call to the venue may take.'),
  BACKUP_TO: text(undefined, 'Where backups are kept: a folder, or s3://BUCKET/PREFIX.'),
  BACKUP_KEY_FILE: text(undefined, 'Backups are encrypted with the key or the passphrase in this file.'),
  BACKUP_KEEP_DAYS: integer(0, 0, 36_500, 'Days that backups are kept, the last good one for ever; 0: all.'),
  DRILL_SCRATCH_URL: secret('PostgreSQL in which drills make their scratch schema; none: the live one.'),
  S3_ENDPOINT: text('https://s3.amazonaws.com', 'Of the storage that s3:// leads to; asked path style.'),
  S3_REGION: text('us-east-1', 'Of the storage that s3:// leads to.'),
  S3_ACCESS_KEY_ID: text(undefined, 'Who asks for s3://, with S3_SECRET_ACCESS_KEY.'),
  S3_SECRET_ACCESS_KEY: secret('See S3_ACCESS_KEY_ID.'),
  CHECKPOINT_DIR: text(
    undefined,
    'Folder for signed checkpoints of the journal, one node its own; none: none.',
  ),
  CHECKPOINT_EVERY_MS: integer(60_000, 100, 86_400_000, 'Between two checkpoints of a shard that grows.'),
  CHECKPOINT_KEY_FILE: text(
    undefined,
    'Ed25519 key (PEM) that signs them; without it one is made in the folder.',
  ),
  CHECKPOINT_TO: text(
    undefined,
    'Where each checkpoint is kept a second time: a folder, or s3://BUCKET/PREFIX.',
  ),
  ...TRACING_SETTINGS,
} as const satisfies Record<string, Setting<unknown>>;

type Settings = typeof SETTINGS;
export type SettingName = keyof Settings;
/** Every setting's value. */
export type Config = {
  readonly [Name in SettingName]: Settings[Name] extends Setting<infer Value> ? Value : never;
} & { readonly LOG_LEVEL: LogLevel };

/** Do the users with public passwords exist? */
export const isDemoMode = ({ ENVIRONMENT }: Pick<Config, 'ENVIRONMENT'>): boolean =>
  ENVIRONMENT !== 'production';
