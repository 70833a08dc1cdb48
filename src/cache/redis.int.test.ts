/** The connection on real Redis: what is wrong at the start, what goes away at run time, and what that costs. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort, RedisServer, startCluster, startSentinel, until } from '../../test/redis.ts';
import { cacheContract } from './cache.contract.ts';
import { RedisCache } from './cache-redis.ts';
import { channelsContract } from './channels.contract.ts';
import { RedisChannels } from './channels-redis.ts';
import { RedisConnection } from './redis.ts';

async function connect(url: string, prefix = '', commandMs = 75): Promise<RedisConnection> {
  const redis = await RedisConnection.open({ url, prefix, commandMs });
  onTestFinished(() => redis.close());
  return redis;
}

async function speak(redis: RedisConnection): Promise<RedisChannels> {
  const channels = await RedisChannels.open(redis);
  onTestFinished(() => channels.close());
  await until('the channels are up', () => channels.isUp);
  return channels;
}

async function own(config: readonly string[] = [], password?: string): Promise<RedisServer> {
  const server = await RedisServer.start(config, password);
  onTestFinished(() => server.remove());
  return server;
}

const refusal = (url: string): Promise<string> =>
  connect(url).then(
    (redis) => (redis.isUp ? 'connected' : 'away'),
    (error: unknown) => String(error),
  );

describe('one server', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.remove());

  const patient = () => connect(server.url, '', 10_000); // the contracts hold on a busy machine, too
  cacheContract(async () => new RedisCache(await patient()));
  channelsContract(async () => [await speak(await patient()), await speak(await patient())]);

  test('is shared by deployments that do not see each other', async () => {
    const [one, two] = await Promise.all([connect(server.url, 'one:'), connect(server.url, 'two:')]);
    await new RedisCache(one).set('k', 'v', 60_000);
    expect(await new RedisCache(two).get('k')).toBeUndefined();
    expect(await new RedisCache(one).get('k')).toBe('v');
    const [mouth, ear] = [await speak(one), await speak(two)];
    const heard: string[] = [];
    ear.subscribe('news', (message) => heard.push(message.toString()));
    const own = mouth.subscribe('news', () => heard.push('own'));
    await until('both listen', () => ear.isUp && mouth.isUp);
    mouth.publish('news', Buffer.from('x'));
    await expect.poll(() => heard).toEqual(['own']);
    own();
  });
});

describe('a start is refused, and says what to put right', () => {
  test('where the user or the password is wrong or missing', async () => {
    const server = await own(['requirepass right'], 'right');
    const at = `127.0.0.1:${server.port}`;
    expect(await refusal(`redis://:wrong@${at}`)).toContain('REDIS_URL: Redis refuses the user or password');
    expect(await refusal(`redis://nobody:right@${at}`)).toContain(
      'REDIS_URL: Redis refuses the user or password',
    );
    expect(await refusal(`redis://${at}`)).toContain('REDIS_URL: Redis asks for a password');
    expect(await refusal(`redis://:right@${at}`)).toBe('connected');
  });
  test('where the server is a replica, has no such database, or is a node of a Cluster', async () => {
    const master = await own();
    const replica = await own([`replicaof 127.0.0.1 ${master.port}`]);
    expect(await refusal(replica.url)).toContain('this is a read-only replica');
    expect(await refusal(`${master.url}/99`)).toContain('no database of that number');
    const node = await own(['cluster-enabled yes']);
    expect(await refusal(node.url)).toContain('this is a node of a Cluster');
    expect(await refusal(master.url.replace('redis:', 'redis+cluster:'))).toContain('this is no Cluster');
  });
  test('where the certificate is not trusted; one that speaks no TLS is not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'itirp-tls-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', certificate];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...files, ...subject],
      {
        stdio: 'ignore',
      },
    );
    const tls = [`tls-cert-file ${certificate}`, `tls-key-file ${key}`, 'tls-auth-clients no'];
    const server = await own(['tls-port yes', ...tls]);
    const at = `127.0.0.1:${server.port}`;
    await until(
      'TLS is spoken',
      async () => (await refusal(`rediss://${at}?ca=${certificate}`)) === 'connected',
    );
    const redis = await connect(`rediss://${at}?ca=${certificate}`);
    expect(await redis.ask('SET', 'k', 'v')).toBe('OK');
    await speak(redis);
    expect(await refusal(`rediss://${at}`)).toContain('certificate is not trusted');
    expect(await refusal(`rediss://${at}?ca=/no/such/file`)).toContain(
      'the file named by `ca` cannot be read',
    );
    const plain = await own();
    expect(await refusal(`rediss://127.0.0.1:${plain.port}`)).toBe('away');
  });
});

describe('a Redis that goes away', () => {
  test('before the start stops nothing, and is used once it is there', async () => {
    const warnings: string[] = [];
    const server = await own();
    await server.kill();
    const redis = await RedisConnection.open({ url: server.url, onWarning: (says) => warnings.push(says) });
    onTestFinished(() => redis.close());
    expect(warnings).toEqual([expect.stringContaining('does not answer; going on without it')]);
    const cache = new RedisCache(redis);
    await cache.set('k', 'v', 60_000);
    expect(await cache.get('k')).toBeUndefined();
    const channels = await RedisChannels.open(redis);
    onTestFinished(() => channels.close());
    expect(channels.isUp).toBe(false);
    await server.restart();
    await until('Redis is used', () => redis.isUp && channels.isUp);
    await cache.set('k', 'v', 60_000);
    expect(await cache.get('k')).toBe('v');
  });

  test('killed: commands fail at once, and channels hear again after the restart', async () => {
    const server = await own();
    const redis = await connect(server.url);
    const channels = await speak(redis);
    const heard: string[] = [];
    channels.subscribe('news', (message) => heard.push(message.toString()));
    await until('the line is up', () => channels.isUp);
    await server.kill();
    await until('it is noticed', () => !channels.isUp && !redis.isUp);
    await expect(redis.ask('GET', 'k')).rejects.toMatchObject({ code: 'CACHE_UNAVAILABLE' });
    expect(redis.steadyForMs()).toBe(0);
    channels.publish('news', Buffer.from('lost'));
    channels.subscribe('more', (message) => heard.push(message.toString()));
    await server.restart();
    await until('all is back', () => channels.isUp && redis.isUp);
    channels.publish('news', Buffer.from('one'));
    channels.publish('more', Buffer.from('two'));
    await expect.poll(() => heard).toEqual(['one', 'two']);
  });

  test('silent: three misses are waited for, and then nobody waits until it answers again', async () => {
    const server = await own();
    const redis = await connect(server.url);
    const channels = await speak(redis);
    const cache = new RedisCache(redis);
    server.pause();
    onTestFinished(() => server.resume());
    for (let n = 0; n < 3; n++) {
      expect(redis.isUp).toBe(true);
      expect(await cache.get('k')).toBeUndefined();
    }
    expect(redis.isUp).toBe(false);
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    for (let n = 0; n < 10_000; n++) await cache.get('k');
    clearInterval(counting);
    expect(turns).toBe(0); // ten thousand questions and not one turn of the clock: none of them waited
    await until('the channels notice as well', () => !channels.isUp);
    server.resume();
    await until('it is used again', () => redis.isUp && channels.isUp);
    await cache.set('k', 'v', 60_000);
    expect(await cache.get('k')).toBe('v');
  });

  test('and comes back as a replica: it is not written to, and said', async () => {
    const master = await own();
    const server = await own();
    const warnings: unknown[] = [];
    const redis = await RedisConnection.open({
      url: server.url,
      onWarning: (_, cause) => warnings.push(cause),
    });
    onTestFinished(() => redis.close());
    await server.kill();
    await server.restart([`replicaof 127.0.0.1 ${master.port}`]);
    await until('it is noticed', () => warnings.some((cause) => String(cause).includes('read-only replica')));
    expect(redis.isUp).toBe(false);
    await server.command('REPLICAOF', 'NO', 'ONE');
    await until('it is used again', () => redis.isUp);
  });

  test('and was never there: the start goes on', async () => {
    expect(await refusal(`redis://127.0.0.1:${await freePort()}`)).toBe('away');
    expect(await refusal(`redis+cluster://127.0.0.1:${await freePort()}`)).toBe('away');
    expect(await refusal(`redis+sentinel://127.0.0.1:${await freePort()}/desk`)).toBe('away');
  });
});

test('Sentinels lead to the new master when the old one dies', async () => {
  const sentinel = await startSentinel();
  onTestFinished(() => sentinel.remove());
  const redis = await connect(sentinel.url);
  const cache = new RedisCache(redis);
  await cache.set('k', 'old', 600_000);
  expect(await cache.get('k')).toBe('old');
  const channels = await speak(redis);
  const heard: string[] = [];
  channels.subscribe('news', (message) => heard.push(message.toString()));
  await sentinel.master.kill();
  await until('the replica is the master and used', async () => {
    await cache.set('k', 'new', 600_000);
    return (await cache.get('k')) === 'new' && channels.isUp;
  });
  expect(await sentinel.replica.command('GET', 'k')).toBe('new');
  channels.publish('news', Buffer.from('after'));
  await expect.poll(() => heard).toEqual(['after']);
  expect(await refusal(sentinel.url.replace('/desk', '/another'))).toContain('know no master of that name');
});

test('Sentinels lead away from a master that is silent, and from an old one that comes back', async () => {
  const sentinel = await startSentinel();
  onTestFinished(() => sentinel.remove());
  const redis = await connect(sentinel.url);
  const cache = new RedisCache(redis);
  const channels = await speak(redis);
  await cache.set('k', 'old', 600_000);
  sentinel.master.pause();
  await until('the replica is the master and used', async () => {
    await cache.set('k', 'new', 600_000);
    return (await cache.get('k')) === 'new' && channels.isUp;
  });
  sentinel.master.resume();
  const role = async (): Promise<string> =>
    String(await sentinel.master.command('INFO', 'replication').catch(String));
  await until('the old master follows', async () => (await role()).includes('role:slave'));
  await cache.set('k', 'newest', 600_000);
  expect(await sentinel.replica.command('GET', 'k')).toBe('newest');
});

describe('a Cluster of three', () => {
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  beforeAll(async () => {
    cluster = await startCluster(1);
  });
  afterAll(() => cluster.remove());

  cacheContract(async () => new RedisCache(await connect(cluster.url)));
  channelsContract(async () => {
    const backwards = cluster.url.replace(/[^/]+$/, (hosts) => hosts.split(',').reverse().join(','));
    const [here, there] = await Promise.all([connect(cluster.url), connect(backwards)]);
    return [await speak(here), await speak(there)]; // on different nodes
  });

  test('costs a request no more than a few misses while a master is silent, and nothing after it', async () => {
    const redis = await connect(cluster.url);
    const cache = new RedisCache(redis);
    const keys = Array.from({ length: 30 }, (_, n) => `silent-${n}`); // over all slots
    for (const key of keys) await cache.set(key, 'v', 600_000);
    cluster.nodes[1]?.pause();
    await until('it is left alone', async () => {
      await Promise.all(keys.map((key) => cache.get(key)));
      return !redis.isUp;
    });
    cluster.nodes[1]?.resume();
    await until('all is well again', async () => {
      await Promise.all(keys.map((key) => cache.set(key, 'w', 600_000)));
      const values = await Promise.all(keys.map((key) => cache.get(key)));
      return values.every((value) => value === 'w');
    });
  });

  test('goes on when a master dies and its replica takes over', async () => {
    const redis = await connect(cluster.url);
    const cache = new RedisCache(redis);
    const channels = await speak(redis);
    const heard: string[] = [];
    channels.subscribe('news', (message) => heard.push(message.toString()));
    await until('the line is up', () => channels.isUp);
    const keys = Array.from({ length: 30 }, (_, n) => `key-${n}`); // over all slots
    const allAreKept = async (): Promise<boolean> => {
      await Promise.all(keys.map((key) => cache.set(key, 'v', 600_000)));
      const values = await Promise.all(keys.map((key) => cache.get(key)));
      return values.every((value) => value === 'v');
    };
    expect(await allAreKept()).toBe(true);
    await cluster.nodes[0]?.kill(); // the one that the channels are on as well
    await until('all slots are served again', async () => (await allAreKept()) && channels.isUp);
    channels.publish('news', Buffer.from('after'));
    await expect.poll(() => heard).toEqual(['after']);
  });
});
