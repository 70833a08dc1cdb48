/** Are the secrets strong, kept from others, and sent only where nobody listens? Judged, and never shown. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../database/outage.ts';
import { type Config, SETTINGS } from '../config.ts';
import { type Environment, fileOf } from '../setting-files.ts';
import type { Setting } from '../settings.ts';
import { bad, type Examination, type Finding, ok, warn } from './finding.ts';
import { asksForTls, hasClientCertificate, hostsIn, isNear, passwordIn } from './wires.ts';

const SECRETS = 'secrets';
/** What it takes to guess the key that signs tokens, in bits. */
const KEY_BITS_MIN = 128;
const PASSWORD_LENGTH_MIN = 12;
const MAKE_KEY = 'make one with `openssl rand -hex 32`';
const WORLD_READS = 0o004;
const OTHERS_WRITE = 0o022;
/** Settings that name a file with a key in it. */
const KEY_FILES = ['BACKUP_KEY_FILE', 'CHECKPOINT_KEY_FILE', 'TLS_KEY_FILE'] as const;

export const examineSecrets: Examination = async ({ config, environment }) => {
  const troubles = [
    ...ofKey(config),
    ...ofPasswords(config),
    ...ofWires(config),
    ...ofUnguarded(config, environment),
    ...(await ofFiles(config, environment)),
  ];
  if (troubles.length > 0) return troubles;
  return config.SECRET_KEY === undefined ? [] : [ok(SECRETS, 'strong enough, and kept from others')];
};

/** That it is missing, short or well-known is what the settings are told for. */
function* ofKey({ SECRET_KEY: key }: Config): Generator<Finding> {
  if (key === undefined || key.length < 32 || bitsOf(key) >= KEY_BITS_MIN) return;
  yield warn(SECRETS, 'SECRET_KEY repeats itself, and is easier to guess than its length says', MAKE_KEY);
}

/** An upper bound, which words, rows of neighbours and repetitions stay far below. */
export function bitsOf(text: string): number {
  const codes = Array.from(unitOf(text), (character) => character.codePointAt(0) ?? 0);
  const steps = codes.map((code, n) => code - (codes[n - 1] ?? 0));
  return Math.min(bitsIn(codes), bitsIn(steps));
}

/** The shortest text that `text` is a repetition of, also one that is cut off. */
function unitOf(text: string): string {
  for (let length = 1; length <= text.length / 2; length += 1) {
    if (text.startsWith(text.slice(length))) return text.slice(0, length);
  }
  return text;
}

/** By how often each value comes. */
function bitsIn(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / values.length);
  return bits;
}

/** What each of them is called, and what it is. */
const passwordsIn = (config: Config): readonly (readonly [string, string | undefined])[] => [
  ...ADDRESSES.map((name) => [`the password of ${name}`, passwordIn(config[name] ?? '')] as const),
  ['the password of KAFKA', config.KAFKA_PASSWORD],
  ['S3_SECRET_ACCESS_KEY', config.S3_SECRET_ACCESS_KEY],
];

function* ofPasswords(config: Config): Generator<Finding> {
  for (const [name, password] of passwordsIn(config)) {
    if (password === undefined || password.length >= PASSWORD_LENGTH_MIN) continue;
    const says = `${name} has fewer than ${PASSWORD_LENGTH_MIN} characters`;
    yield warn(SECRETS, says, 'give that user a longer one: `openssl rand -hex 24`');
  }
}

const ADDRESSES = ['POSTGRES_URL', 'POSTGRES_REPLICA_URL', 'DRILL_SCRATCH_URL', 'REDIS_URL'] as const;

/** `pg` takes a password from the environment, too. */
function* ofUnguarded(config: Config, { PGPASSWORD }: Environment): Generator<Finding> {
  for (const name of ADDRESSES) {
    const url = config[name];
    if (url === undefined || hostsIn(url).every(isNear) || passwordIn(url) !== undefined) continue;
    if (name === 'REDIS_URL') {
      const says = 'REDIS_URL has no password: whoever reaches Redis reads sessions';
      yield warn(SECRETS, says, 'set requirepass there');
    } else if (!PGPASSWORD && !hasClientCertificate(url)) {
      const says = `${name} has no password: unless .pgpass has it, whoever reaches PostgreSQL may come in`;
      yield warn(SECRETS, says, 'ask for scram-sha-256 in pg_hba.conf, and give the user a password');
    }
  }
}

/** Passwords and orders that go over a network in plain text, and a bus that asks nobody for a password. */
function* ofWires(config: Config): Generator<Finding> {
  const { KAFKA_BROKERS, KAFKA_TLS, KAFKA_USERNAME, S3_ENDPOINT, S3_ACCESS_KEY_ID } = config;
  for (const name of ADDRESSES) {
    const url = config[name];
    if (url === undefined || hostsIn(url).every(isNear)) continue;
    const isPostgres = name !== 'REDIS_URL';
    const isSecured = isPostgres ? asksForTls(url) : url.startsWith('rediss');
    const remedy = isPostgres
      ? 'add ?sslmode=verify-full&sslrootcert=FILE'
      : 'write rediss://, with ?ca=FILE';
    if (!isSecured) yield warn(SECRETS, `${name} leads over a network without TLS`, remedy);
  }
  const isKafkaFar = !KAFKA_BROKERS.map((broker) => broker.replace(/:\d+$/, '')).every(isNear);
  if (isKafkaFar && !KAFKA_TLS)
    yield warn(SECRETS, 'KAFKA_BROKERS are spoken to without TLS', 'KAFKA_TLS=true');
  if (isKafkaFar && KAFKA_USERNAME === undefined) {
    const remedy = 'ask for SASL/SCRAM there, and set KAFKA_USERNAME and KAFKA_PASSWORD';
    yield warn(SECRETS, 'Kafka is used without a password: whoever reaches it can send commands', remedy);
  }
  if (
    S3_ACCESS_KEY_ID !== undefined &&
    S3_ENDPOINT.startsWith('http://') &&
    !hostsIn(S3_ENDPOINT).every(isNear)
  ) {
    yield warn(SECRETS, 'S3_ENDPOINT is spoken to without TLS', 'write https://');
  }
}

/** Files of secrets. Kubernetes mounts them for everybody to read: told here, and no reason to refuse the start. */
async function ofFiles(config: Config, environment: Environment): Promise<readonly Finding[]> {
  const secret = Object.entries<Setting<unknown>>(SETTINGS).filter(([, { isSecret }]) => isSecret === true);
  const given = secret.map(([name]) => [fileOf(name), environment[fileOf(name)] || undefined] as const);
  const keys = KEY_FILES.map((name) => [name, config[name]] as const);
  const own = [
    ['the demo secret', join(config.DATA_DIR, 'demo-secret')],
    ...(config.CHECKPOINT_DIR === undefined
      ? []
      : [['the checkpoint key', join(config.CHECKPOINT_DIR, 'checkpoint-key.pem')]]),
  ] as const;
  const looked = [...given, ...keys].map(([name, file]) =>
    file === undefined ? undefined : lookAt(`${name} ${file}`, file, true),
  );
  const ours = own.map(([name = '', file = '']) => lookAt(`${name} ${file}`, file, false));
  return (await Promise.all([...looked, ...ours])).filter((finding) => finding !== undefined);
}

async function lookAt(name: string, file: string, mustBe: boolean): Promise<Finding | undefined> {
  try {
    const { mode } = await stat(file);
    const text = (mode & 0o777).toString(8).padStart(4, '0');
    const remedy = `chmod 0400 ${file}; in Kubernetes \`defaultMode: 0440\` of the volume, with fsGroup`;
    if ((mode & OTHERS_WRITE) !== 0)
      return bad(SECRETS, `${name} can be changed by others (${text})`, remedy);
    if ((mode & WORLD_READS) !== 0)
      return warn(SECRETS, `${name} can be read by everybody (${text})`, remedy);
    return undefined;
  } catch (error) {
    if (!mustBe) return undefined;
    return bad(
      SECRETS,
      `${name}: ${messageOf(error)}`,
      'put the file there, readable for the user of the program',
    );
  }
}
