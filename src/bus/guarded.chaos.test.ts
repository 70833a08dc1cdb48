import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../../test/certificate.ts';
import { type GuardedKafka, startGuardedKafka } from '../../test/kafka-guarded.ts';
import { silentLog } from '../telemetry/log.ts';
import { type KafkaBus, type KafkaBusOptions, openKafkaBus } from './kafka-bus.ts';
import { placing } from './placing.fixture.ts';

const PROCESS = fileURLToPath(new URL('./testing/member-process.ts', import.meta.url));
const { key, certificate } = selfSigned('localhost');
let kafka: GuardedKafka;
beforeAll(async () => {
  kafka = await startGuardedKafka(key + certificate);
}, 120_000);
afterAll(() => kafka.remove());

async function open(options: Partial<KafkaBusOptions>): Promise<KafkaBus> {
  const bus = await openKafkaBus({
    brokers: [kafka.address],
    clientId: 'test',
    shards: ['s1'],
    replication: 0,
    log: silentLog(),
    ...options,
  });
  onTestFinished(() => bus.close());
  return bus;
}

test('with its password the bus is let in, and carries', async () => {
  const { username, password } = kafka;
  const bus = await open({ username, password });
  await bus.sender.send(placing());
  await bus.membership.join({ assigned: () => {}, revoked: async () => {} });
});

test('a wrong password is named as what it is', async () => {
  const opening = open({ username: kafka.username, password: 'wrong' });
  await expect(opening).rejects.toMatchObject({
    code: 'BUS_INVALID',
    message: expect.stringContaining('look at KAFKA_USERNAME and KAFKA_PASSWORD'),
  });
});

test('no password where one is asked for ends in one fault', async () => {
  await expect(open({})).rejects.toMatchObject({ code: expect.stringMatching(/^BUS_/) });
});

test('a broker whose certificate nobody has signed is not believed', async () => {
  const { username, password, tlsAddress } = kafka;
  const opening = open({ brokers: [tlsAddress], tls: true, username, password });
  await expect(opening).rejects.toMatchObject({
    code: 'BUS_INVALID',
    message: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
  });
});

test('with its certificate among those that are believed it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-ca-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  await writeFile(file, certificate);
  const { username, password, tlsAddress } = kafka;
  const env = {
    NODE_EXTRA_CA_CERTS: file,
    KAFKA_USERNAME: username,
    KAFKA_PASSWORD: password,
    KAFKA_TLS: 'true',
  };
  const child = spawn(process.execPath, [PROCESS, tlsAddress, 'tls.', 'one'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).toContain('assigned s1,s2,s3');
});

test('TLS is asked for and not spoken, or spoken and not asked for: one fault', async () => {
  const { username, password, tlsAddress } = kafka;
  const asked = open({ tls: true, username, password });
  await expect(asked).rejects.toMatchObject({ code: expect.stringMatching(/^BUS_/) });
  const spoken = open({ brokers: [tlsAddress], username, password });
  await expect(spoken).rejects.toMatchObject({ code: expect.stringMatching(/^BUS_/) });
}, 120_000);
