/** No secret comes out: a whole run of server and tools, good and failing, with all they said held against all they knew. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { selfSigned } from '../../test/certificate.ts';
import { Collector } from '../../test/collector.ts';
import { sharedKafka } from '../../test/kafka-brokers.ts';
import { RedisServer } from '../../test/redis.ts';
import { freshDatabase } from '../../test/schema.ts';
import { type Environment, itirp, Server } from '../../test/server.ts';

/** Every secret of the run by what it is, and everything that was said. */
const secrets = new Map<string, string>();
const said: string[] = [];

/** A new secret, to be looked for in the end: with a letter at each side, so that no number of a log is taken for it. */
function secret(what: string): string {
  const made = `x${randomBytes(12).toString('hex')}x`;
  secrets.set(what, made);
  return made;
}

const PASSWORDS = { postgres: secret('PostgreSQL password'), redis: secret('Redis password') };
const DATABASE_USER = `redacted_${randomBytes(4).toString('hex')}`;
let folder: string;
let admin: pg.Client;
let redis: RedisServer;
let services: Environment;
let collector: Collector;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'itirp-redaction-'));
  redis = await RedisServer.start([`requirepass ${PASSWORDS.redis}`], PASSWORDS.redis);
  admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
  await admin.query(`create role ${DATABASE_USER} superuser login password '${PASSWORDS.postgres}'`);
  await writeFile(join(folder, 'backup.key'), backupKey);
  collector = await Collector.start();
  const { key } = selfSigned('localhost');
  const { certificate } = selfSigned('localhost');
  await writeFile(join(folder, 'tls.key'), key);
  await writeFile(join(folder, 'tls.crt'), certificate);
  for (const [n, line] of key.split('\n').slice(1, -2).entries()) secrets.set(`TLS key, line ${n}`, line);
  services = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${secret('OTLP token')},api-key=${secret('half')}%20${secret('OTLP key')}`,
    OTEL_BSP_SCHEDULE_DELAY: '200',
    CHECKPOINT_DIR: join(folder, 'checkpoints'),
    SECRET_KEY: secret('SECRET_KEY') + secret('SECRET_KEY, second half'),
    POSTGRES_URL: addressOf(await freshDatabase(), PASSWORDS.postgres),
    REDIS_URL: `redis://:${PASSWORDS.redis}@127.0.0.1:${redis.port}`,
    DATA_DIR: folder,
    BACKUP_TO: join(folder, 'backups'),
    BACKUP_KEY_FILE: join(folder, 'backup.key'),
    S3_ACCESS_KEY_ID: 'somebody',
    S3_SECRET_ACCESS_KEY: secret('S3 key'),
    S3_ENDPOINT: 'http://127.0.0.1:1',
    LOG_LEVEL: 'trace',
    RATE_LIMIT_PER_MINUTE: '0',
  };
});
afterAll(async () => {
  await redis?.remove();
  await collector?.close();
  await admin?.query(`drop owned by ${DATABASE_USER}; drop role ${DATABASE_USER}`).catch(() => {});
  await admin?.end();
  await rm(folder, { recursive: true, force: true });
});

const backupKey = randomBytes(32).toString('hex');
secrets.set('backup key', backupKey);

const addressOf = (url: string, password: string): string =>
  Object.assign(new URL(url), { username: DATABASE_USER, password }).href;

/** Runs a command with the settings of all others but for `more`, and keeps what it said. */
async function say(args: readonly string[], more: Environment = {}, input = ''): Promise<string> {
  const { output } = await itirp(args, { ...services, ...more }, input);
  said.push(output);
  return output;
}

const GIVES_TOKENS = /\/api\/v1\/auth\/(login|refresh)$/;

/**
 * Status and body; what is answered counts as said, but for tokens in answers that give them out. `field`: a name that
 * the caller made up, and is told that nobody knows.
 */
async function ask(
  url: string,
  body: string | undefined,
  headers: Record<string, string> = {},
  field = 'no field',
) {
  const method = body === undefined ? 'GET' : 'POST';
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  said.push(JSON.stringify([...response.headers]));
  if (!(GIVES_TOKENS.test(url) && response.ok)) said.push(text.replaceAll(field, ''));
  return { status: response.status, body: JSON.parse(text) as Record<string, unknown> };
}

interface Session {
  readonly bearer: Record<string, string>;
  readonly refresh: string;
}

let sessions = 0;
function sessionOf({ status, body }: Awaited<ReturnType<typeof ask>>): Session {
  expect(status).toBe(200);
  sessions += 1;
  const [access, refresh] = [String(body.access_token), String(body.refresh_token)];
  secrets.set(`access token ${sessions}`, access);
  secrets.set(`signature of access token ${sessions}`, access.split('.')[2] ?? access);
  secrets.set(`refresh token ${sessions}`, refresh);
  return { bearer: { authorization: `Bearer ${access}` }, refresh };
}

const order = (more: object = {}): string =>
  JSON.stringify({ symbol: 'AAPL', side: 'BUY', quantity: 10, price: 150, ...more });

/** Login, good and wrong; orders; tokens renewed, used up and garbled; and bad input with secrets wherever they fit. */
async function trade(url: string, password: string): Promise<Session> {
  const login = (words: object) =>
    ask(`${url}/api/v1/auth/login`, JSON.stringify({ username: 'ann', ...words }));
  const refresh = (token: string) =>
    ask(`${url}/api/v1/auth/refresh`, JSON.stringify({ refresh_token: token }));
  const first = sessionOf(await login({ password }));
  expect((await login({ password: secret('wrong password') })).status).toBe(401);
  expect((await ask(`${url}/api/v1/orders`, order(), first.bearer)).status).toBeLessThan(300);
  const second = sessionOf(await refresh(first.refresh));
  expect((await refresh(first.refresh)).status).toBe(401);
  const third = sessionOf(await login({ password }));

  const bearing = (token: string) => ({ authorization: `Bearer ${token}` });
  const field = secret('field');
  const bad = [
    await ask(`${url}/api/v1/orders`, order({ [field]: secret('value of a field') }), third.bearer, field),
    await ask(`${url}/api/v1/orders`, `{"password":"${secret('broken body')}"`, third.bearer),
    await ask(`${url}/api/v1/orders`, order(), bearing(secret('no token'))),
    await ask(`${url}/api/v1/orders`, order(), bearing(`${third.bearer.authorization?.slice(7, -6)}aaaaaa`)),
    await ask(`${url}/api/v1/orders?access_token=${secret('query')}`, undefined),
    await ask(`${url}/nowhere/${secret('path')}`, undefined, { cookie: `session=${secret('cookie')}` }),
    await ask(`${url}/api/v1/health`, undefined, { 'x-correlation-id': secret('correlation id').repeat(20) }),
    await login({ password: { not: secret('no text') } }),
    await refresh(secret('refresh token that never was')),
  ];
  expect(bad.filter(({ status }) => status >= 500)).toEqual([]);
  expect((await refresh(second.refresh)).status).toBe(401); // its session ended when the first token came twice
  return third;
}

/** The database throws everybody out and lets nobody in; Redis dies; both come back. */
async function breakServices(url: string, { bearer }: Session): Promise<void> {
  const throwOut = `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${DATABASE_USER}'`;
  await admin.query(`alter role ${DATABASE_USER} password '${secret('password of later')}'`);
  await admin.query(throwOut);
  const refused = await ask(`${url}/api/v1/orders`, order(), bearer);
  expect(refused.status).toBe(503);
  const guard = new Redis({ port: redis.port, password: PASSWORDS.redis });
  await guard.config('SET', 'requirepass', secret('Redis password of later'));
  await guard.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  guard.disconnect();
  await sleep(2_000);
  await redis.kill();
  await ask(`${url}/api/v1/auth/login`, JSON.stringify({ username: 'ann', password: secret('while away') }));
  await sleep(1_500);
  const ready = await (await fetch(`${url}/readyz`)).text();
  expect(ready).toContain('Redis does not answer');
  said.push(ready, await (await fetch(`${url}/metrics`)).text());
  await redis.restart();
  await admin.query(`alter role ${DATABASE_USER} password '${PASSWORDS.postgres}'`);
  const isBack = async (): Promise<number> => (await ask(`${url}/api/v1/orders`, order(), bearer)).status;
  await expect.poll(isBack, { timeout: 60_000, interval: 500 }).toBeLessThan(300);
}

test('nothing that server and tools say in a whole run holds a secret', { timeout: 400_000 }, async () => {
  const password = secret("user's password");
  expect(await say(['user', 'add', 'ann', '--role', 'TRADER'], {}, `${password}\n`)).toContain('added ann');
  const server = await Server.start([], services);
  try {
    const session = await trade(server.url, password);
    await load(server.url, password);
    await breakServices(server.url, session);
  } finally {
    await server.end('SIGTERM');
    said.push(server.log);
  }
  expect(server.log).toContain('"listening"');

  const checkpointKey = await readFile(join(folder, 'checkpoints', 'checkpoint-key.pem'), 'utf8');
  secrets.set('checkpoint key', checkpointKey.split('\n')[1] ?? '');
  await Promise.all([workWell(), failToStart()]);
  await failToWork();
  expect(collector.spans.length).toBeGreaterThan(10);
  said.push(...collector.bodies.map((body) => body.toString('latin1')));
  expect(leaksIn(said.join('\n'))).toEqual([]);
});

/** A load by those who may, and by one who may not. */
async function load(url: string, password: string): Promise<void> {
  const [users, strangers] = [join(folder, 'users'), join(folder, 'strangers')];
  await writeFile(users, `ann:${password}\n`);
  await writeFile(strangers, `ann:${secret('wrong password in a file')}\n`);
  const asked = ['load', '--url', url, '--rate', '5', '--for', '1s', '--warm-up', '0', '--yes-i-may'];
  expect(await say([...asked, '--users', users])).toMatch(/p99/);
  expect(await say([...asked, '--users', strangers])).toMatch(/\[[A-Z_]+\]/);
  expect(await say(asked, { ITIRP_LOAD_USERS: `ann:${password}` })).toMatch(/p99/);
}

/** Tools that do what they are for. */
async function workWell(): Promise<void> {
  expect(await say(['backup'])).toContain('kept itirp-');
  expect(await say(['drill', '--from', join(folder, 'backups')])).not.toBe('');
  expect(await say(['verify'])).not.toBe('');
  expect(await say(['verify', '--checkpoints', join(folder, 'checkpoints')])).toMatch(/sound|BROKEN/);
  expect(await say(['user', 'list'])).toContain('ann');
  expect(await say(['doctor'])).toMatch(/backups +the newest opens with the key at hand/);
  expect(await say(['doctor', '--json'])).toContain('"grade"');
}

/** Servers that cannot: each names what is wrong, and not the key to it. */
async function failToStart(): Promise<void> {
  const [wrong, other] = [secret('wrong PostgreSQL password'), secret('wrong Redis password')];
  const kafka = {
    KAFKA_BROKERS: (await sharedKafka()).join(','),
    KAFKA_USERNAME: 'itirp',
    KAFKA_PASSWORD: secret('Kafka password'),
    POSTGRES_URL: addressOf(await emptyDatabase(), PASSWORDS.postgres),
  };
  const starts: readonly [Environment, RegExp][] = [
    [{ POSTGRES_URL: addressOf(services.POSTGRES_URL ?? '', wrong) }, /DATABASE_REFUSED/],
    [{ POSTGRES_URL: `postgres://u:half/${wrong}@127.0.0.1/x` }, /CONFIG_INVALID/],
    [{ POSTGRES_URL: `postgres://u:${wrong}/half@127.0.0.1/x` }, /CONFIG_INVALID/],
    [{ POSTGRES_URL: `postgres://u:${wrong}#half@127.0.0.1/x` }, /CONFIG_INVALID/],
    [{ POSTGRES_REPLICA_URL: `postgres://u:${wrong}@127.0.0.1:1/x?sslmode=${wrong}` }, /CONFIG_INVALID/],
    [{ POSTGRES_URL: `postgres://u:${wrong}:more@127.0.0.1:x/y` }, /CONFIG_INVALID|DATABASE/],
    [{ POSTGRES_URL: `mysql://u:${wrong}@127.0.0.1/x` }, /CONFIG_INVALID/],
    [{ REDIS_URL: `redis://:${other}@127.0.0.1:${redis.port}` }, /CONFIG_INVALID/],
    [{ REDIS_URL: `redis://${other}@127.0.0.1:${redis.port}` }, /CONFIG_INVALID/],
    [{ REDIS_URL: `redis://:half/${other}@127.0.0.1` }, /CONFIG_INVALID/],
    [{ REDIS_URL: `redis://:${other}/half@127.0.0.1` }, /CONFIG_INVALID/],
    [{ SECRET_KEY: secret('short key').slice(0, 20) }, /CONFIG_INVALID/],
    [kafka, /BUS_/],
    [{ TLS_CERT_FILE: join(folder, 'tls.crt'), TLS_KEY_FILE: join(folder, 'tls.key') }, /is not the key/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: `ftp://u:${secret('collector password')}@x` }, /CONFIG_INVALID/],
  ];
  for (const [more, says] of starts) expect(await say(['serve'], { PORT: '0', ...more })).toMatch(says);
}

/** Tools that cannot. */
async function failToWork(): Promise<void> {
  const wrong = { POSTGRES_URL: addressOf(services.POSTGRES_URL ?? '', secret('wrong password of a tool')) };
  const otherKey = join(folder, 'other.key');
  const key = randomBytes(32).toString('hex');
  secrets.set('another backup key', key);
  await writeFile(otherKey, key);
  expect(await say(['migrate'], wrong)).toMatch(/DATABASE_REFUSED/);
  expect(await say(['user', 'list'], wrong)).toMatch(/DATABASE_REFUSED/);
  expect(await say(['doctor'], wrong)).toMatch(/BAD +postgres/);
  expect(await say(['backup', '--to', 's3://bucket/there'])).toMatch(/BACKUP_UNAVAILABLE/);
  expect(await say(['drill', '--from', join(folder, 'backups')], { BACKUP_KEY_FILE: otherKey })).toMatch(
    /\[[A-Z_]+\]/,
  );
  const twice = { SECRET_KEY_FILE: otherKey, KAFKA_PASSWORD: secret('lonely password') };
  expect(await say(['serve'], twice)).toMatch(/both given/);
}

let emptied = 0;
async function emptyDatabase(): Promise<string> {
  emptied += 1;
  const name = `${DATABASE_USER}_${emptied}`;
  await admin.query(`create database ${name}`);
  return Object.assign(new URL(inject('postgresUrl')), { pathname: `/${name}` }).href;
}

/** What leaked, and in which line. */
function leaksIn(text: string): readonly string[] {
  const lines = text.split('\n');
  return [...secrets].flatMap(([what, value]) =>
    lines.filter((line) => line.includes(value)).map((line) => `${what}: ${line.slice(0, 400)}`),
  );
}

test('what leaks would be seen', () => {
  expect(secrets.size).toBeGreaterThan(20);
  for (const [what, value] of secrets)
    expect(leaksIn(`a\n{"msg":"${value}"}`)).toContainEqual(expect.stringContaining(what));
});
