/** A primary and its streaming standby for a test file, on ports and in a folder of their own, gone with it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinaries } from '../src/database/binaries.ts';
import { freePort } from '../src/database/ports.ts';
import {
  makePrimary,
  makeStandby,
  promote,
  type RunningServer,
  startServer,
} from '../stack/postgres-standby.ts';

const USER = 'itirp';
/** With everything in it that has to be escaped somewhere. */
const PASSWORD = "o'pen \\se@same/,";

export class Pair {
  readonly #folder: string;
  readonly #ports: readonly [number, number];
  readonly #running = new Map<number, RunningServer>();

  private constructor(folder: string, ports: readonly [number, number]) {
    this.#folder = folder;
    this.#ports = ports;
  }

  /** Server 0 as primary; server 1 follows it. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Pair> {
    const folder = await mkdtemp(join(tmpdir(), 'itirp-pair-'));
    const pair = new Pair(folder, [await freePort(), await freePort()]);
    const binaries = await findBinaries();
    await makePrimary({ binaries, folder: join(folder, 'server-0'), user: USER, password: PASSWORD });
    await pair.run(0, settings);
    await pair.follow(1);
    return pair;
  }

  /** Of one server: `postgres://…/postgres`. */
  url(n: 0 | 1): string {
    const login = `${USER}:${encodeURIComponent(PASSWORD)}`;
    return `postgres://${login}@127.0.0.1:${this.#ports[n]}/postgres`;
  }

  /** Of both, as POSTGRES_URL takes it. */
  get bothUrl(): string {
    return this.url(0).replace(/\/postgres$/, `,127.0.0.1:${this.#ports[1]}/postgres`);
  }

  async run(n: 0 | 1, settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const folder = join(this.#folder, `server-${n}`);
    const port = this.#ports[n];
    const logFile = `${folder}.log`;
    const binaries = await findBinaries();
    const options = { binaries, folder, port, logFile, user: USER, password: PASSWORD, settings };
    this.#running.set(n, await startServer(options));
  }

  /** Throws away what server `n` has, and makes it a standby of the other one. */
  async follow(n: 0 | 1): Promise<void> {
    const folder = join(this.#folder, `server-${n}`);
    await rm(folder, { recursive: true, force: true });
    const name = `server_${n}`;
    const primaryUrl = this.url(n === 0 ? 1 : 0);
    await makeStandby({ binaries: await findBinaries(), primaryUrl, folder, slot: name, name });
    await this.run(n);
  }

  async kill(n: 0 | 1): Promise<void> {
    await this.#running.get(n)?.kill();
    this.#running.delete(n);
  }

  async promote(n: 0 | 1): Promise<void> {
    await promote(this.url(n));
  }

  /** The process of a running server. */
  pid(n: 0 | 1): number {
    return this.#running.get(n)?.pid ?? 0;
  }

  async end(): Promise<void> {
    for (const server of this.#running.values()) await server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
