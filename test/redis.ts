/** Real Redis for tests: single servers, Sentinels and a Cluster on free loopback ports, each in a folder that goes with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findProgram } from '../stack/programs.ts';
import { softwareFolder } from '../stack/software.ts';

const PATIENCE_MS = 45_000;

/** This machine's `redis-server`, or the stack's own. */
let found: ReturnType<typeof findProgram> | undefined;
const redisServer = () => (found ??= findProgram('redis', softwareFolder()));

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const closed = once(probe, 'close');
  probe.close();
  await closed;
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Asks again until `isSo`, and says what it waited for when it gives up. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** One `redis-server` process, killed and started again at will on the same port. */
export class RedisServer {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'itirp-redis-'));
  readonly #config: readonly string[];
  readonly #password: string | undefined;
  #process: ChildProcess | undefined;

  private constructor(port: number, config: readonly string[], password: string | undefined) {
    this.port = port;
    this.#config = config;
    this.#password = password;
  }

  /** `config`: lines as in redis.conf. `password`: what these lines ask of clients. */
  static async start(config: readonly string[] = [], password?: string): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), config, password);
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, with whatever data it has saved. */
  async restart(extra: readonly string[] = []): Promise<void> {
    const file = join(this.#folder, 'redis.conf');
    const isTls = this.#config.some((line) => line.startsWith('tls-port'));
    const listens = isTls ? ['port 0', `tls-port ${this.port}`] : [`port ${this.port}`];
    const usual = ['bind 127.0.0.1', ...listens, `dir ${this.#folder}`, 'save ""', 'loglevel warning'];
    const own = this.#config.filter((line) => !line.startsWith('tls-port'));
    writeFileSync(file, [...usual, ...own, ...extra, ''].join('\n'));
    const args = own.some((line) => line.startsWith('sentinel ')) ? [file, '--sentinel'] : [file];
    const program = await redisServer();
    const child = spawn(program.file, args, { env: { ...process.env, ...program.env }, stdio: 'ignore' });
    this.#process = child;
    const failed = once(child, 'error').then(([error]) => {
      throw new Error('redis-server does not start', { cause: error });
    });
    failed.catch(() => {});
    await Promise.race([
      failed,
      isTls ? once(child, 'spawn') : until('Redis answers', () => this.#answers()),
    ]);
  }

  async #answers(): Promise<boolean> {
    return this.command('PING').then(
      () => true,
      (error: unknown) => String(error).includes('NOAUTH'),
    );
  }

  /** One command over a connection of its own. */
  async command(name: string, ...args: readonly (string | number)[]): Promise<unknown> {
    const client = new Redis({
      host: '127.0.0.1',
      port: this.port,
      lazyConnect: true,
      retryStrategy: null,
      protocol: 2,
      enableReadyCheck: false,
      ...(this.#password === undefined ? {} : { password: this.#password }),
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
  /** Alive and silent, until {@link resume}. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }
  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Kills it for good. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A master, a replica, and three Sentinels that watch them. */
export async function startSentinel(): Promise<{
  readonly url: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
  remove(): Promise<void>;
}> {
  const master = await RedisServer.start();
  const replica = await RedisServer.start([
    `replicaof 127.0.0.1 ${master.port}`,
    'repl-diskless-sync-delay 0',
  ]);
  const watch = [
    `sentinel monitor desk 127.0.0.1 ${master.port} 2`,
    'sentinel down-after-milliseconds desk 500',
    'sentinel failover-timeout desk 3000',
  ];
  const sentinels = await Promise.all([1, 2, 3].map(() => RedisServer.start(watch)));
  const [first] = sentinels;
  await until('the replica follows and the Sentinels see each other', async () => {
    const seen = await Promise.all(
      sentinels.map((one) => one.command('SENTINEL', 'CKQUORUM', 'desk').catch(String)),
    );
    const replicas = await first?.command('SENTINEL', 'REPLICAS', 'desk');
    const isLinked = String(await replica.command('INFO', 'replication')).includes('master_link_status:up');
    return (
      isLinked &&
      String(replicas).includes(String(replica.port)) &&
      seen.every((one) => /^OK 3/.test(String(one)))
    );
  });
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const remove = async (): Promise<void> => {
    await Promise.all([...sentinels, replica, master].map((server) => server.remove()));
  };
  return { url: `redis+sentinel://${hosts}/desk`, master, replica, remove };
}

/** Three masters, and `replicas` more servers that follow the first ones. */
export async function startCluster(replicas = 0): Promise<{
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  remove(): Promise<void>;
}> {
  const config = ['cluster-enabled yes', 'cluster-node-timeout 1000', 'cluster-config-file nodes.conf'];
  const nodes = await Promise.all(Array.from({ length: 3 + replicas }, () => RedisServer.start(config)));
  const [first] = nodes;
  const ranges = [
    [0, 5460],
    [5461, 10_922],
    [10_923, 16_383],
  ] as const;
  for (const [index, [from, to]] of ranges.entries()) {
    await nodes[index]?.command('CLUSTER', 'ADDSLOTSRANGE', from, to);
    await nodes[index]?.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  }
  for (const node of nodes.slice(1)) await first?.command('CLUSTER', 'MEET', '127.0.0.1', node.port);
  const says = async (node: RedisServer, what: string): Promise<string> =>
    String(await node.command('CLUSTER', what));
  const allKnow = async (): Promise<boolean> => {
    const lists = await Promise.all(nodes.map((node) => says(node, 'NODES')));
    return lists.every((list) => list.trim().split('\n').length === nodes.length);
  };
  await until('the nodes know each other', allKnow);
  for (const [index, replica] of nodes.slice(3).entries()) {
    const master = nodes[index];
    if (master !== undefined) await replica.command('CLUSTER', 'REPLICATE', await says(master, 'MYID'));
  }
  await until('the Cluster is whole', async () => {
    const infos = await Promise.all(nodes.map((node) => says(node, 'INFO')));
    const links = await Promise.all(nodes.slice(3).map((node) => node.command('INFO', 'replication')));
    const isLinked = links.every((text) => String(text).includes('master_link_status:up'));
    return isLinked && infos.every((info) => info.includes('cluster_state:ok'));
  });
  const url = `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  return { url, nodes, remove: async () => void (await Promise.all(nodes.map((node) => node.remove()))) };
}
