/** What nodes of several machines share, for one test file: real Kafka, Redis and a database, and the nodes started on them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaCluster } from '../stack/kafka.ts';
import { RedisServer } from './redis.ts';
import { freshDatabase } from './schema.ts';
import { type Environment, Server } from './server.ts';

export class Services {
  readonly redis: RedisServer;
  /** Leads a node to them. */
  readonly environment: Environment;
  readonly #folder: string;
  readonly #kafka: KafkaCluster;
  readonly #nodes: Server[] = [];

  private constructor(folder: string, kafka: KafkaCluster, redis: RedisServer, environment: Environment) {
    this.#folder = folder;
    this.#kafka = kafka;
    this.redis = redis;
    this.environment = environment;
  }

  static async start(): Promise<Services> {
    const folder = await mkdtemp(join(tmpdir(), 'itirp-services-'));
    const kafka = await KafkaCluster.open({ folder: join(folder, 'kafka'), brokers: 1 });
    await kafka.start();
    const redis = await RedisServer.start();
    return new Services(folder, kafka, redis, {
      ENVIRONMENT: 'demo',
      SECRET_KEY: 'c0ffee'.repeat(8),
      POSTGRES_URL: await freshDatabase(),
      REDIS_URL: redis.url,
      KAFKA_BROKERS: kafka.places.map(({ port }) => `127.0.0.1:${port}`).join(','),
      DATA_DIR: folder,
    });
  }

  get brokers(): string[] {
    return (this.environment.KAFKA_BROKERS ?? '').split(',');
  }

  /** A node of its own process with settings beside those that lead here; it need not come to be ready. */
  launch(settings: Environment): Server {
    const node = Server.launch([], { ...this.environment, ...settings });
    this.#nodes.push(node);
    return node;
  }

  /** The same, resolved when it is ready. @throws Error with its last words */
  async node(settings: Environment): Promise<Server> {
    const node = this.launch(settings);
    await node.ready();
    return node;
  }

  async killNodes(): Promise<void> {
    await Promise.all(this.#nodes.splice(0).map((node) => node.end('SIGKILL')));
  }

  /** Kills every node, then ends the services. */
  async end(): Promise<void> {
    await this.killNodes();
    await this.redis.remove();
    await this.#kafka.remove();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
