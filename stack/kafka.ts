/** Kafka brokers on this machine: KRaft, each both controller and broker, tuned to start fast and stay small. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Daemon, type Launch } from './daemon.ts';
import { kafkaClassPath, type Say } from './kafka-jars.ts';
import { type BrokerPlace, serverProperties } from './kafka-properties.ts';
import { bringUp, type Part } from './part.ts';
import { freePorts, LOOPBACK } from './ports.ts';
import { findProgram, type Program } from './programs.ts';
import { softwareFolder } from './software.ts';

export interface KafkaOptions {
  /** Data, logs and pids go below it. */
  readonly folder: string;
  /** One or three; each an id from 1 on. Free ports are taken when the places are not given. */
  readonly brokers: number | readonly BrokerPlace[];
  readonly software?: string;
  readonly heapMegabytes?: number;
  readonly say?: Say;
}

const HEAP_MEGABYTES = 256;
const START_PATIENCE_MS = 90_000;
const STOP_PATIENCE_MS = 30_000;
/** One question, one answer: whoever asks asks again. */
const ASKING = { clientId: 'stack', connectTimeout: 2_000, requestTimeout: 2_000, retries: 0 };
const JVM = [
  '-XX:+UseSerialGC', // small heaps, few cores
  '-XX:TieredStopAtLevel=1', // seconds of start-up matter more here than the last of throughput
  '-XX:+ExitOnOutOfMemoryError',
  '-Xss512k',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
];

/** One broker. Killed, paused or stopped, it is started again on the same data. */
export class KafkaBroker implements Part {
  readonly role = 'kafka';
  readonly patienceMs = START_PATIENCE_MS;
  readonly id: number;
  readonly daemon: Daemon;
  readonly #cluster: KafkaCluster;

  constructor(id: number, daemon: Daemon, cluster: KafkaCluster) {
    this.id = id;
    this.daemon = daemon;
    this.#cluster = cluster;
  }

  get place(): BrokerPlace {
    const place = this.#cluster.places[this.id - 1];
    if (place === undefined) throw new RangeError(`there is no broker ${this.id}`);
    return place;
  }

  get port(): number {
    return this.place.port;
  }

  /** Where clients find it when nothing stands between. */
  get address(): string {
    return `${LOOPBACK}:${this.place.port}`;
  }

  /** Starts it, unless it runs; does not wait until it is ready (one of three never is alone). */
  async launch(): Promise<void> {
    if ((await this.daemon.find()) === undefined) await this.daemon.start(await this.#cluster.prepare(this));
  }

  async isReady(): Promise<boolean> {
    return await this.#cluster.answers(this.address);
  }

  /** Starts it, unless it runs; resolves when it serves clients. @throws Error with its last words */
  async start(): Promise<void> {
    await bringUp(this);
  }

  async stop(): Promise<void> {
    await this.daemon.stop(STOP_PATIENCE_MS);
  }
}

export class KafkaCluster {
  readonly brokers: readonly KafkaBroker[];
  readonly places: readonly BrokerPlace[];
  readonly #folder: string;
  readonly #heapMegabytes: number;
  readonly #java: Program;
  readonly #classPath: string;

  private constructor(
    options: KafkaOptions,
    places: readonly BrokerPlace[],
    java: Program,
    classPath: string,
  ) {
    this.places = places;
    this.#folder = options.folder;
    this.#heapMegabytes = options.heapMegabytes ?? HEAP_MEGABYTES;
    this.#java = java;
    this.#classPath = classPath;
    this.brokers = places.map(
      (_, index) => new KafkaBroker(index + 1, new Daemon(`kafka-${index + 1}`, options.folder), this),
    );
  }

  /** Gets the software and knows the brokers; starts none. @throws Error when Kafka or Java cannot be had */
  static async open(options: KafkaOptions): Promise<KafkaCluster> {
    const software = options.software ?? softwareFolder();
    const java = await findProgram('java', software, options.say);
    const classPath = await kafkaClassPath(software, options.say);
    const places = typeof options.brokers === 'number' ? await freePlaces(options.brokers) : options.brokers;
    return new KafkaCluster(options, places, java, classPath);
  }

  /** For KAFKA_BROKERS. */
  get addresses(): readonly string[] {
    return this.brokers.map(({ address }) => address);
  }

  /** Starts all brokers that do not run; resolves when each serves clients. */
  async start(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.launch()));
    await Promise.all(this.brokers.map((broker) => broker.start()));
  }

  /** All at once: one by one, the last would wait for a majority that is gone. */
  async stop(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.stop()));
  }

  async kill(): Promise<void> {
    await Promise.all(this.brokers.map(({ daemon }) => daemon.kill()));
  }

  /** Takes the data away too. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(join(this.#folder, 'data', 'kafka'), { recursive: true, force: true });
  }

  /** Writes the broker's settings, and makes its storage where there is none yet. */
  async prepare(broker: KafkaBroker): Promise<Launch> {
    const folder = join(this.#folder, 'data', 'kafka', String(broker.id));
    const file = join(folder, 'server.properties');
    await mkdir(folder, { recursive: true });
    await writeFile(file, serverProperties(broker.id, this.places, join(folder, 'log')));
    const names = await this.#names(broker.place, folder);
    if (!existsSync(join(folder, 'log', 'meta.properties'))) {
      const format = ['format', '--cluster-id', await this.#clusterId(), '--config', file];
      const { args, env } = this.#jvm('kafka.tools.StorageTool', format, names);
      await promisify(execFile)(this.#java.file, [...args], { env: { ...process.env, ...env } });
    }
    return { ...this.#jvm('kafka.Kafka', [file], names), cwd: folder };
  }

  /** What the broker's names lead to, written where its Java looks for all names then. */
  async #names({ peers }: BrokerPlace, folder: string): Promise<readonly string[]> {
    if (peers === undefined) return [];
    const file = join(folder, 'hosts');
    const names = { ...peers, localhost: LOOPBACK, [hostname()]: LOOPBACK };
    const lines = Object.entries(names).map(([name, address]) => `${address} ${name}\n`);
    await writeFile(file, lines.join(''));
    return [`-Djdk.net.hosts.file=${file}`];
  }

  #jvm(main: string, args: readonly string[], more: readonly string[] = []): Launch {
    const heap = [`-Xmx${this.#heapMegabytes}m`, '-Xms64m', '-XX:MaxDirectMemorySize=128m'];
    return {
      file: this.#java.file,
      args: [...heap, ...JVM, ...more, '-cp', this.#classPath, main, ...args],
      env: this.#java.env,
    };
  }

  async #clusterId(): Promise<string> {
    const file = join(this.#folder, 'data', 'kafka', 'cluster.id');
    const made = randomBytes(16).toString('base64url').replace(/^-/, 'A'); // a leading dash would read as a flag
    await writeFile(file, made, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // the first broker's start has made it
    });
    return await readFile(file, 'utf8');
  }

  /** Has every partition of every topic of ours all its copies? */
  async isInSync(): Promise<boolean> {
    const { Admin } = await import('@platformatic/kafka');
    const admin = new Admin({ ...ASKING, bootstrapBrokers: [...this.addresses] });
    try {
      const topics = await admin.listTopics();
      const metadata = await admin.metadata({ topics });
      const partitions = [...metadata.topics.values()].flatMap(({ partitions }) => Object.values(partitions));
      return partitions.every(({ isr, replicas }) => isr.length === replicas.length);
    } catch {
      return false;
    } finally {
      await admin.close().catch(() => undefined);
    }
  }

  /** Asks the broker at `address` who it sees: it is of use when it knows the controller and itself. */
  async answers(address: string): Promise<boolean> {
    const { Admin } = await import('@platformatic/kafka');
    const admin = new Admin({ ...ASKING, bootstrapBrokers: [address] });
    try {
      const { brokers } = await admin.metadata({ topics: [] });
      return [...brokers.values()].some(({ host, port }) => `${host}:${port}` === address);
    } catch {
      return false;
    } finally {
      await admin.close().catch(() => undefined);
    }
  }
}

async function freePlaces(count: number): Promise<readonly BrokerPlace[]> {
  const ports = await freePorts(3 * count);
  return Array.from({ length: count }, (_, index) => ({
    port: ports[3 * index] ?? 0,
    controllerPort: ports[3 * index + 1] ?? 0,
    innerPort: ports[3 * index + 2] ?? 0,
  }));
}
