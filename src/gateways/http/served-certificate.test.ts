/** Both doors behind TLS 1.3: who is let in, and that a renewal is followed without a restart and without a loss. */
import { once } from 'node:events';
import { Agent, get } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { selfSigned } from '../../../test/certificate.ts';
import { IssuedCertificate, type Pair } from '../../../test/issued-certificate.ts';
import { openMetrics } from '../../telemetry/metrics.ts';
import { Readiness } from '../../telemetry/readiness.ts';
import { buildHttp } from './app.ts';
import { ProbeDoor } from './probe-door.ts';
import { ServedCertificate } from './served-certificate.ts';
import { openSmallHouse } from './testing/small-house.ts';

const DAY_MS = 86_400_000;
const pair = (toMs = DAY_MS): Pair => selfSigned('localhost', { toMs });

let issued: IssuedCertificate;
let served: ServedCertificate;
/** What an operator was told. */
let told: string[];
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  issued = new IssuedCertificate(pair());
  told = [];
  served = await ServedCertificate.open(issued, {
    onRenewed: ({ validTo }) => told.push(`renewed until ${validTo.toISOString()}`),
    onTrouble: (says) => told.push(says),
  });
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  issued.remove();
});

async function openProbeDoor(host: string): Promise<string> {
  const door = new ProbeDoor({ readiness: new Readiness(), metrics: openMetrics(), certificate: served });
  closing.push(() => door.close());
  return await door.listen({ host, port: 0 });
}

async function openApi(host: string): Promise<string> {
  const { deps } = await openSmallHouse();
  const app = buildHttp({ ...deps, certificate: served });
  closing.push(() => app.close());
  return await app.listen({ host, port: 0 });
}

/** A connection of its own to `url`, shaken hands with. */
async function shakeHands(url: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false, ...options });
  socket.on('error', () => {});
  closing.push(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

const metAt = async (url: string, options: ConnectionOptions = {}): Promise<string> => {
  const socket = await shakeHands(url, options);
  return socket.getPeerX509Certificate()?.toString() ?? '';
};

interface Got {
  readonly status: number | undefined;
  readonly port: number | undefined;
}

/** One request; `port`: ours, by which connections are told apart. */
async function ask(url: string, agent: Agent): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const request = get(`${url}/livez`, { agent, rejectUnauthorized: false }, (response) => {
    const got = { status: response.statusCode, port: response.socket.localPort };
    response.resume().on('end', () => resolve(got));
  });
  request.on('error', reject);
  return await promise;
}

describe.each([
  ['the API’s door', openApi],
  ['the small door', openProbeDoor],
])('%s', (_name, open) => {
  test('speaks TLS 1.3 and says so, and nothing older', async () => {
    const url = await open('127.0.0.1');
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect((await shakeHands(url)).getProtocol()).toBe('TLSv1.3');
    await expect(shakeHands(url, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/i);
    await served.look();
    issued.issue(pair());
    await served.look();
    await expect(shakeHands(url, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/i);
  });

  test('is believed by who trusts the certificate, and by nobody else', async () => {
    const url = await open('127.0.0.1');
    const strict = { rejectUnauthorized: true, servername: 'localhost' };
    await expect(shakeHands(url, strict)).rejects.toThrow(/self-signed/);
    const { cert: ca } = served.certificate;
    expect((await shakeHands(url, { ...strict, ca })).authorized).toBe(true);
  });

  test('hangs up on plain HTTP, and goes on', async () => {
    const url = await open('127.0.0.1');
    const plain = connectPlain(Number(new URL(url).port), '127.0.0.1');
    plain.end('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const heard: Buffer[] = [];
    plain.on('data', (part) => heard.push(part));
    plain.on('error', () => {});
    await once(plain, 'close');
    expect(Buffer.concat(heard).toString('latin1')).not.toContain('HTTP/1.1');
    expect(await ask(url, new Agent())).toMatchObject({ status: 200 });
  });

  test('takes a renewal up under open connections, and loses no request', async () => {
    const url = await open('127.0.0.1');
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    closing.push(() => agent.destroy());
    const before = new Set(
      (await Promise.all([1, 2, 3, 4].map(() => ask(url, agent)))).map(({ port }) => port),
    );
    let isAsking = true;
    const got: Got[] = [];
    const asking = [1, 2, 3, 4].map(async () => {
      while (isAsking) got.push(await ask(url, agent));
    });
    const renewals: Pair[] = [];
    for (let n = 0; n < 5; n += 1) {
      const renewal = pair();
      renewals.push(renewal);
      issued.issue(renewal);
      await served.look();
      expect(await metAt(url)).toBe(renewal.certificate);
    }
    isAsking = false;
    await Promise.all(asking); // a request that is lost throws here
    expect(got.length).toBeGreaterThan(5);
    expect(got.filter(({ status }) => status !== 200)).toEqual([]);
    expect(got.filter(({ port }) => !before.has(port))).toEqual([]); // nobody had to connect anew
    expect(told).toHaveLength(renewals.length);
  });

  test('on localhost serves the renewed one at every address it has', async () => {
    const url = await open('localhost');
    const renewal = pair();
    issued.issue(renewal);
    await served.look();
    const { port } = new URL(url);
    expect(await metAt(`https://localhost:${port}`, { servername: 'localhost' })).toBe(renewal.certificate);
    const others = await Promise.allSettled(
      ['127.0.0.1', '[::1]'].map((host) => metAt(`https://${host}:${port}`, { servername: 'localhost' })),
    );
    const met = others.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(met).toEqual(met.map(() => renewal.certificate));
    expect(met.length).toBeGreaterThan(0);
  });
});

describe('a renewal that cannot be served', () => {
  const mismatched = (): Pair => ({ certificate: pair().certificate, key: pair().key });

  test('leaves the old one in place, and is told once and for as long as it lasts', async () => {
    const url = await openProbeDoor('127.0.0.1');
    const first = await metAt(url);
    issued.issue(mismatched());
    for (let n = 0; n < 3; n += 1) await served.look();
    expect(await metAt(url)).toBe(first);
    expect(served.trouble).toMatch(/renewed certificate is not served: .*TLS_KEY_FILE .* is not the key/);
    expect(told).toEqual([served.trouble]);
    expect(served.notice).toBe('the renewed certificate is not served: the log says why'); // no file of ours

    const good = pair();
    issued.issue(good);
    await served.look();
    expect(await metAt(url)).toBe(good.certificate);
    expect([served.trouble, served.notice]).toEqual([undefined, undefined]);
  });

  test('is no trouble while it is seen half way', async () => {
    issued.issue(mismatched());
    await served.look();
    issued.issue(pair());
    await served.look();
    expect(told).toEqual([expect.stringMatching(/^renewed until/)]);
  });

  test('is told when its files are gone, and when it has expired already', async () => {
    const first = served.certificate.cert;
    issued.issue(pair(-1_000));
    for (let n = 0; n < 2; n += 1) await served.look();
    expect(served.trouble).toMatch(/it has expired already/);
    issued.remove();
    await served.look();
    expect(served.trouble).toMatch(/ENOENT/);
    expect(served.certificate.cert).toBe(first);
  });
});

test('files that change are noticed without anybody asking', async () => {
  served.watch(20);
  closing.push(() => served.stop());
  const renewal = pair();
  issued.issue(renewal);
  await expect.poll(() => served.certificate.cert).toBe(renewal.certificate);
  const second = pair();
  issued.issue(second);
  await expect.poll(() => served.certificate.cert).toBe(second.certificate);
});

test('the end of a certificate is told at the start, and as soon as it comes', async () => {
  let nowMs = Date.now();
  const says: string[] = [];
  const listener = { onRenewed: () => {}, onTrouble: (trouble: string) => says.push(trouble) };
  const aging = await ServedCertificate.open(issued, listener, () => new Date(nowMs));
  expect(aging.trouble).toBeUndefined();
  nowMs += 0.95 * DAY_MS;
  await aging.look();
  nowMs += DAY_MS;
  await aging.look();
  await aging.look();
  expect(says).toEqual([
    expect.stringMatching(/^the certificate expires at/),
    expect.stringMatching(/^the certificate expired at/),
  ]);
  issued.issue(pair(-1_000));
  const late = await ServedCertificate.open(issued, listener);
  expect(late.trouble).toMatch(/^the certificate expired at/);
  expect(says).toHaveLength(3);
});
