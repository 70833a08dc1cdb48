/** HAProxy on this machine, in front of the API nodes, with the configuration that production uses. */
import { mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon } from './daemon.ts';
import { getStatus } from './http-status.ts';
import type { Say } from './kafka-jars.ts';
import type { Part } from './part.ts';
import { LOOPBACK } from './ports.ts';
import { findProgram, type Program } from './programs.ts';
import { softwareFolder } from './software.ts';

export interface HaproxyOptions {
  /** Log and pid go below it. */
  readonly folder: string;
  readonly port: number;
  readonly statsPort: number;
  /** The three API nodes, HOST:PORT. */
  readonly nodes: readonly string[];
  readonly software?: string;
  readonly say?: Say;
}

const CONFIG = new URL('../deploy/haproxy/haproxy.cfg', import.meta.url).pathname;
const STOP_PATIENCE_MS = 10_000;
/** A path to a socket holds 107 bytes at most. */
const SOCKET_PATH_MAX = 100;

export class Haproxy implements Part {
  readonly role = 'haproxy';
  readonly patienceMs = 20_000;
  readonly daemon: Daemon;
  readonly port: number;
  readonly socket: string;
  readonly #options: HaproxyOptions;
  readonly #program: Program;

  private constructor(options: HaproxyOptions, program: Program) {
    this.daemon = new Daemon('haproxy', options.folder);
    this.port = options.port;
    const socket = join(options.folder, 'run', 'haproxy.sock');
    const isShort = Buffer.byteLength(socket) <= SOCKET_PATH_MAX;
    this.socket = isShort ? socket : join(tmpdir(), `itirp-haproxy-${options.port}.sock`);
    this.#options = options;
    this.#program = program;
  }

  /** Finds or gets the program; starts nothing. @throws Error when it cannot be had */
  static async open(options: HaproxyOptions): Promise<Haproxy> {
    return new Haproxy(
      options,
      await findProgram('haproxy', options.software ?? softwareFolder(), options.say),
    );
  }

  /** Where its statistics page is. */
  get statsUrl(): string {
    return `http://${LOOPBACK}:${this.#options.statsPort}`;
  }

  async launch(): Promise<void> {
    if ((await this.daemon.find()) !== undefined) return;
    await mkdir(join(this.#options.folder, 'run'), { recursive: true });
    await rm(this.socket, { force: true });
    const nodes = this.#options.nodes.map((address, index) => [`ITIRP_API_${index + 1}`, address]);
    const env = {
      ...this.#program.env,
      ITIRP_BIND: `${LOOPBACK}:${this.port}`,
      ITIRP_STATS: `${LOOPBACK}:${this.#options.statsPort}`,
      ITIRP_SOCKET: this.socket,
      ...Object.fromEntries(nodes),
    };
    await this.daemon.start({ file: this.#program.file, args: ['-W', '-f', CONFIG], env });
  }

  /** Does any node behind it answer? */
  async isReady(): Promise<boolean> {
    const status = await getStatus(`http://${LOOPBACK}:${this.port}/`);
    return status > 0 && status < 500; // a caller who asks too often is answered, too
  }

  /** New requests are refused, those under way answered. */
  async stop(): Promise<void> {
    await this.daemon.stop(STOP_PATIENCE_MS, 'SIGUSR1');
  }

  /** A command on its socket (`show servers state`, `set server api/api-1 state drain`), and what it answers. */
  async command(line: string): Promise<string> {
    const socket = connect(this.socket);
    const chunks: Buffer[] = [];
    socket.end(`${line}\n`);
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }
}
