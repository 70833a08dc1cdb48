/** One Redis on this machine, with a password, on the loopback address; what it holds may be lost, so nothing is saved. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Daemon } from './daemon.ts';
import type { Say } from './kafka-jars.ts';
import { bringUp, type Part } from './part.ts';
import { freePorts, LOOPBACK } from './ports.ts';
import { findProgram, type Program } from './programs.ts';
import { softwareFolder } from './software.ts';

export interface RedisOptions {
  /** Data, log and pid go below it. */
  readonly folder: string;
  /** A free one when not given. */
  readonly port?: number;
  /** Made up when not given. */
  readonly password?: string;
  readonly software?: string;
  readonly name?: string;
  readonly say?: Say;
}

const START_PATIENCE_MS = 20_000;
const STOP_PATIENCE_MS = 10_000;

export class RedisServer implements Part {
  readonly role = 'redis';
  readonly patienceMs = START_PATIENCE_MS;
  readonly daemon: Daemon;
  readonly port: number;
  readonly #password: string;
  readonly #folder: string;
  readonly #program: Program;

  private constructor(options: RedisOptions, port: number, program: Program) {
    const name = options.name ?? 'redis';
    this.daemon = new Daemon(name, options.folder);
    this.port = port;
    this.#password = options.password ?? randomBytes(16).toString('hex');
    this.#folder = join(options.folder, 'data', name);
    this.#program = program;
  }

  /** Finds or gets the program; starts nothing. @throws Error when it cannot be had */
  static async open(options: RedisOptions): Promise<RedisServer> {
    const program = await findProgram('redis', options.software ?? softwareFolder(), options.say);
    const [port = 0] = options.port === undefined ? await freePorts(1) : [options.port];
    return new RedisServer(options, port, program);
  }

  /** For REDIS_URL; through `address` (HOST:PORT), where a proxy stands between. */
  urlAt(address = `${LOOPBACK}:${this.port}`): string {
    return `redis://:${this.#password}@${address}`;
  }

  /** Starts it, unless it runs; resolves when it answers. @throws Error with its last words */
  async start(): Promise<void> {
    await bringUp(this);
  }

  async launch(): Promise<void> {
    if ((await this.daemon.find()) !== undefined) return;
    const config = join(this.#folder, 'redis.conf');
    await mkdir(this.#folder, { recursive: true });
    await writeFile(config, this.#settings(), { mode: 0o600 }); // not on the command line: `ps` shows that
    await this.daemon.start({ file: this.#program.file, args: [config], env: this.#program.env });
  }

  async stop(): Promise<void> {
    await this.daemon.stop(STOP_PATIENCE_MS);
  }

  async isReady(): Promise<boolean> {
    const client = new Redis(this.urlAt(), {
      lazyConnect: true,
      connectTimeout: 5_000,
      commandTimeout: 5_000,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return (await client.ping()) === 'PONG';
    } catch {
      return false;
    } finally {
      client.disconnect();
    }
  }

  #settings(): string {
    return [
      `bind ${LOOPBACK}`,
      `port ${this.port}`,
      `requirepass ${this.#password}`,
      `dir ${this.#folder}`,
      'save ""',
      'appendonly no',
      'maxmemory 128mb',
      'maxmemory-policy volatile-ttl', // what is nearest its end goes first; what has none (it should not) stays
      'tcp-keepalive 30',
      'daemonize no',
      '',
    ].join('\n');
  }
}
