/** A Kafka broker that lets nobody in without a password: one listener with SCRAM, one with SCRAM over TLS. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Daemon } from '../stack/daemon.ts';
import { kafkaClassPath } from '../stack/kafka-jars.ts';
import { freePorts } from '../stack/ports.ts';
import { findProgram } from '../stack/programs.ts';
import { softwareFolder } from '../stack/software.ts';

export interface GuardedKafka {
  /** SCRAM in plain text. */
  readonly address: string;
  /** SCRAM over TLS; the certificate is for `localhost`. */
  readonly tlsAddress: string;
  readonly username: string;
  readonly password: string;
  remove(): Promise<void>;
}

const START_MS = 60_000;
const LOGIN = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';

/** `pem`: the broker's key and certificate, one after the other, in one file. */
export async function startGuardedKafka(pem: string): Promise<GuardedKafka> {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-guarded-'));
  const software = softwareFolder();
  const java = await findProgram('java', software);
  const classPath = await kafkaClassPath(software);
  const ports = await freePorts(4);
  const [username, password] = ['itirp', randomBytes(12).toString('hex')];
  const file = join(folder, 'server.properties');
  const keys = join(folder, 'keys.pem');
  await mkdir(folder, { recursive: true });
  await writeFile(keys, pem);
  await writeFile(file, propertiesOf(folder, keys, ports));
  const jvm = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', classPath];
  const user = `SCRAM-SHA-512=[name=${username},password=${password}]`;
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const format = ['kafka.tools.StorageTool', 'format', '-t', id, '-c', file, '--add-scram', user];
  const env = { ...process.env, ...java.env };
  await promisify(execFile)(java.file, [...jvm, ...format], { env });
  const daemon = new Daemon('kafka-guarded', folder);
  await daemon.start({ file: java.file, args: [...jvm, 'kafka.Kafka', file], env: java.env, cwd: folder });
  await untilReady(`127.0.0.1:${ports[0]}`);
  return {
    address: `127.0.0.1:${ports[1]}`,
    tlsAddress: `localhost:${ports[2]}`,
    username,
    password,
    async remove() {
      await daemon.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function propertiesOf(folder: string, keys: string, ports: readonly number[]): string {
  const [inner = 0, scram = 0, tls = 0, controller = 0] = ports;
  const clients = `INNER://127.0.0.1:${inner},GUARDED://127.0.0.1:${scram},SECRET://localhost:${tls}`;
  return `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=INNER
listeners=${clients},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=${clients}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,INNER:PLAINTEXT,GUARDED:SASL_PLAINTEXT,SECRET:SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.guarded.scram-sha-512.sasl.jaas.config=${LOGIN}
listener.name.secret.scram-sha-512.sasl.jaas.config=${LOGIN}
listener.name.secret.ssl.keystore.type=PEM
listener.name.secret.ssl.keystore.location=${keys}
log.dirs=${join(folder, 'data')}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=4194304
`;
}

async function untilReady(address: string): Promise<void> {
  const { Admin } = await import('@platformatic/kafka');
  const end = performance.now() + START_MS;
  for (;;) {
    const admin = new Admin({
      clientId: 'test',
      bootstrapBrokers: [address],
      retries: 0,
      requestTimeout: 2_000,
    });
    try {
      const { brokers } = await admin.metadata({ topics: [] });
      if (brokers.size > 0) return;
    } catch (error) {
      if (performance.now() > end) throw error;
    } finally {
      await admin.close().catch(() => undefined);
    }
    await sleep(200);
  }
}
