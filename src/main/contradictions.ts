/** What is wrong with settings that read well one by one. */
import { isRollOver } from '../sequencer/trading-day.ts';
import { type Config, isDemoMode } from './config.ts';
import { isOneOfMany, ROLES, shardsOf, strangersIn } from './roles.ts';

const SHARD_NAME = /^[\w.-]{1,64}$/;
const SECRET_LENGTH_MIN = 32;
/** What tutorials, templates and the original guide put there. */
const KNOWN_SECRETS = /change|example|default|your[-_ ]?secret|secret[-_ ]?key|password|itirp/i;

/** One sentence for each thing that is wrong. Secrets are judged and never shown. */
export function* contradictions(config: Config, isTool: boolean): Generator<string> {
  if (!isTool) yield* ofSecret(config);
  yield* ofMarket(config);
  yield* ofPlaces(config);
  if ((config.TLS_CERT_FILE === undefined) !== (config.TLS_KEY_FILE === undefined)) {
    yield 'TLS_CERT_FILE and TLS_KEY_FILE go together';
  }
  yield* ofShards(config);
  yield* ofTraces(config);
  if (!isTool) yield* ofRoles(config);
}

function* ofSecret(config: Config): Generator<string> {
  const { SECRET_KEY: secret } = config;
  const isDemo = isDemoMode(config);
  if (secret === undefined) {
    if (!isDemo)
      yield 'SECRET_KEY is missing (make one with `openssl rand -hex 32`, or try `itirp serve --demo`)';
    else if (isOneOfMany(config))
      yield 'SECRET_KEY is missing: all nodes must have the same (make one with `openssl rand -hex 32`)';
  } else if (secret.length < SECRET_LENGTH_MIN) {
    yield `SECRET_KEY is shorter than ${SECRET_LENGTH_MIN} characters (make one with \`openssl rand -hex 32\`)`;
  } else if (!isDemo && KNOWN_SECRETS.test(secret)) {
    yield 'SECRET_KEY looks like a default (make one with `openssl rand -hex 32`)';
  }
}

function* ofMarket(config: Config): Generator<string> {
  if (!isRollOver({ zone: config.TRADING_DAY_ZONE, time: config.TRADING_DAY_START })) {
    yield 'TRADING_DAY_ZONE and TRADING_DAY_START are no IANA zone and HH:MM';
  }
  if (config.VENUE_LATENCY_MIN_MS > config.VENUE_LATENCY_MAX_MS) {
    yield 'VENUE_LATENCY_MIN_MS is above VENUE_LATENCY_MAX_MS';
  }
  if (config.QUOTES_SPEED === 0) yield 'QUOTES_SPEED is 0, at which no quote would ever be due';
  if (config.QUOTES_FROM !== undefined && Number.isNaN(Date.parse(config.QUOTES_FROM))) {
    yield 'QUOTES_FROM is no ISO 8601 instant';
  }
}

/** The services that are named, by how their addresses begin. */
function* ofPlaces({
  POSTGRES_URL,
  POSTGRES_REPLICA_URL,
  DRILL_SCRATCH_URL,
  REDIS_URL,
  KAFKA_BROKERS,
  KAFKA_PREFIX,
}: Config): Generator<string> {
  for (const [name, url] of Object.entries({ POSTGRES_URL, POSTGRES_REPLICA_URL, DRILL_SCRATCH_URL })) {
    if (url !== undefined && !/^postgres(ql)?:\/\//.test(url))
      yield `${name} does not begin with postgres://`;
  }
  if (REDIS_URL !== undefined && !/^redis(s|\+sentinel|\+cluster)?:\/\//.test(REDIS_URL)) {
    yield 'REDIS_URL does not begin with redis://, rediss://, redis+sentinel:// or redis+cluster://';
  }
  const wrong = KAFKA_BROKERS.filter(
    (broker) => !/^[^:\s/]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i.test(broker),
  );
  if (!/^[\w.-]{0,64}$/.test(KAFKA_PREFIX)) yield 'KAFKA_PREFIX is letters, digits, . _ and -, at most 64';
  if (wrong.length > 0) yield `KAFKA_BROKERS are HOST:PORT, and these are not: ${wrong.join(', ')}`;
}

function* ofTraces(config: Config): Generator<string> {
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const) {
    const url = config[name];
    if (url !== undefined && !(/^https?:/.test(url) && URL.canParse(url)))
      yield `${name} is no http:// or https:// URL`;
  }
}

function* ofShards({ SHARD, SHARDS }: Config): Generator<string> {
  if (new Set(SHARDS).size < SHARDS.length) yield 'SHARDS names one of them twice';
  const badly = shardsOf({ SHARDS, SHARD }).filter((shard) => !SHARD_NAME.test(shard));
  if (badly.length > 0) yield `SHARDS are letters, digits, . _ and -, at most 64: not ${badly.join(', ')}`;
}

function* ofRoles(config: Config): Generator<string> {
  const { ROLE, SHARDS, WORKERS, KAFKA_USERNAME, KAFKA_PASSWORD } = config;
  const strangers = strangersIn(ROLE);
  if (strangers.length > 0) yield `ROLE ${strangers.join(', ')}: there are all, ${ROLES.join(', ')}`;
  if ((KAFKA_USERNAME === undefined) !== (KAFKA_PASSWORD === undefined)) {
    yield 'KAFKA_USERNAME and KAFKA_PASSWORD go together';
  }
  if (WORKERS > 1 && (ROLE.length !== 1 || ROLE[0] !== 'api')) yield 'WORKERS are for ROLE=api alone';
  if (isOneOfMany(config)) {
    for (const name of ['POSTGRES_URL', 'REDIS_URL'] as const) {
      if (config[name] === undefined) yield `${name} is missing: with KAFKA_BROKERS every node needs it`;
    }
  } else {
    if (ROLE.some((role) => role !== 'all'))
      yield 'ROLE needs KAFKA_BROKERS: without it one process does everything';
    if (SHARDS.length > 1) yield 'SHARDS need KAFKA_BROKERS: without it there is one shard';
  }
}
