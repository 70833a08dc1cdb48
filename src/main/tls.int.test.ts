/** The program behind TLS: where it listens, how it is asked for its health, and what a wrong certificate is told. */
import { once } from 'node:events';
import { Agent, get } from 'node:https';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { selfSigned } from '../../test/certificate.ts';
import { IssuedCertificate } from '../../test/issued-certificate.ts';
import { sharedKafka } from '../../test/kafka-brokers.ts';
import { freePort, RedisServer } from '../../test/redis.ts';
import { freshDatabase } from '../../test/schema.ts';
import { type Environment, itirp, Server } from '../../test/server.ts';

const PATIENCE = { timeout: 90_000 };
let issued: IssuedCertificate;
let secured: Environment;
const servers: Server[] = [];

beforeAll(async () => {
  issued = new IssuedCertificate(selfSigned('localhost'));
  secured = {
    ENVIRONMENT: 'demo',
    POSTGRES_URL: await freshDatabase(),
    TLS_CERT_FILE: issued.certFile,
    TLS_KEY_FILE: issued.keyFile,
  };
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.end('SIGKILL')));
});
afterAll(() => issued.remove());

function launch(environment: Environment = {}): Server {
  const server = Server.launch([], { ...secured, ...environment });
  servers.push(server);
  return server;
}

async function textAt(url: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = get(url, { rejectUnauthorized: false, agent: new Agent() }, (response) => {
    const parts: string[] = [];
    response.setEncoding('utf8').on('data', (part: string) => parts.push(part));
    response.on('end', () => resolve(parts.join('')));
  });
  request.on('error', reject);
  return await promise;
}

async function metAt(url: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const met = socket.getPeerX509Certificate()?.toString() ?? '';
  socket.destroy();
  return met;
}

test('a server with a certificate listens behind https, and takes a renewed one up by itself', {
  timeout: 200_000,
}, async () => {
  const server = launch();
  await server.ready();
  expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
  expect(server.log).toContain('the doors speak TLS 1.3');

  const renewal = selfSigned('localhost', { toMs: 3_600_000 });
  issued.issue(renewal);
  await expect.poll(() => metAt(server.url), PATIENCE).toBe(renewal.certificate);
  expect(server.log).toContain('the TLS certificate was renewed');
  const [, value] = /^tls_certificate_expiry_timestamp_seconds (\S+)$/m.exec(
    await textAt(`${server.url}/metrics`),
  ) ?? [undefined, '0'];
  expect(Math.abs(Number(value) - (Date.now() + 3_600_000) / 1_000)).toBeLessThan(120);
  expect(await textAt(`${server.url}/readyz`)).toMatch(
    /"ready".*"notes":\{"tls":"the certificate expires at/,
  );
  expect(await server.end('SIGTERM')).toBe(0);
});

test('its health is asked for by the same settings, and by name with the authority of its certificate', {
  timeout: 200_000,
}, async () => {
  const pair = selfSigned('localhost');
  issued.issue(pair);
  const port = String(await freePort());
  const server = launch({ PORT: port });
  await server.ready();
  const own = await itirp(['health'], { ...secured, PORT: port });
  expect(own).toMatchObject({ code: 0, output: expect.stringContaining('"healthy"') });

  const url = `https://localhost:${port}`;
  expect(await itirp(['health', '--url', url])).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      /certificate of https:.* is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\): .* --ca FILE/,
    ),
  });
  expect(await itirp(['health', '--url', url, '--ca', issued.certFile])).toMatchObject({ code: 0 });
  expect(await itirp(['health', '--url', `http://127.0.0.1:${port}`])).toMatchObject({ code: 1 });
  expect((await itirp(['health', '--url', url, '--ca', '/none'])).output).toContain('ARGUMENT_INVALID');
});

test('a certificate with another key is a refusal to start, at once and with the remedy', async () => {
  const { certificate } = selfSigned('localhost');
  issued.issue({ certificate, key: selfSigned('localhost').key });
  const refused = await launch()
    .ready()
    .catch((error: unknown) => String(error));
  expect(refused).toMatch(
    /TLS_KEY_FILE .* is not the key of the certificate.*same issue.*\[CONFIG_INVALID\]/,
  );
  expect(refused).not.toContain('PRIVATE KEY');
  const alone = await itirp(['serve'], { ...secured, TLS_KEY_FILE: '' });
  expect(alone.output).toContain('TLS_CERT_FILE and TLS_KEY_FILE go together');
});

test('on localhost a renewed certificate is met at its one address, whoever is named', PATIENCE, async () => {
  issued.issue(selfSigned('localhost'));
  const server = launch({ HOST: 'localhost' });
  await server.ready();
  expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
  const { port } = new URL(server.url);
  const other = connect({ host: '::1', port: Number(port), rejectUnauthorized: false });
  const [error] = await once(other, 'error');
  expect((error as NodeJS.ErrnoException).code).toMatch(/ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT/);
  const renewal = selfSigned('localhost');
  issued.issue(renewal);
  await expect.poll(() => metAt(server.url), PATIENCE).toBe(renewal.certificate); // it names no host
});

test('workers and a node without an API are behind TLS as well', { timeout: 300_000 }, async () => {
  issued.issue(selfSigned('localhost'));
  const redis = await RedisServer.start();
  const many = {
    POSTGRES_URL: await freshDatabase(),
    KAFKA_BROKERS: (await sharedKafka()).join(','),
    KAFKA_PREFIX: 'tls.',
    REDIS_URL: redis.url,
    SECRET_KEY: 'c0ffee'.repeat(8),
  };
  try {
    const engine = launch({ ...many, ROLE: 'engine,projector' });
    await engine.ready();
    expect(engine.url).toMatch(/^https:/);
    await expect.poll(() => textAt(`${engine.url}/readyz`), PATIENCE).toContain('"ready"');

    const port = String(await freePort());
    const api = launch({ ...many, ROLE: 'api', WORKERS: '2', PORT: port });
    const url = `https://127.0.0.1:${port}`;
    const listening = () => api.lines.filter((line) => line.includes('"listening"')).length;
    await expect.poll(listening, PATIENCE).toBe(2);
    const renewal = selfSigned('localhost');
    issued.issue(renewal);
    const renewed = () => api.lines.filter((line) => line.includes('certificate was renewed')).length;
    await expect.poll(renewed, PATIENCE).toBe(2);
    const met = await Promise.all(Array.from({ length: 10 }, () => metAt(url)));
    expect(new Set(met)).toEqual(new Set([renewal.certificate]));
    await expect.poll(() => textAt(`${url}/api/v1/health`), PATIENCE).toContain('"healthy"');
    expect(await api.end('SIGTERM')).toBe(0);
  } finally {
    await redis.remove();
  }
});
