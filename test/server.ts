/** The real server in a process of its own, for tests: started, listened to, signalled, killed, started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findPostmaster, stopPostmaster } from '../src/database/postmaster.ts';

const LAUNCHER = new URL('../bin/itirp.js', import.meta.url).pathname;
const READY_PATIENCE_MS = 60_000;

export type Environment = Readonly<Record<string, string>>;

export interface Ended {
  readonly code: number | null;
  /** Both outputs, in the order they came. */
  readonly output: string;
}

/** Runs one of the operator's commands to its end. */
export async function itirp(
  args: readonly string[],
  environment: Environment = {},
  input = '',
): Promise<Ended> {
  const child = launch(args, environment);
  child.stdin?.on('error', () => {}); // a command that asks for nothing may close it early
  child.stdin?.end(input);
  const said: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: said.join('') };
}

/** One of the commands, started and left to run. */
export function launch(args: readonly string[], environment: Environment): ChildProcess {
  const { POSTGRES_URL: _, SECRET_KEY: __, ...inherited } = process.env;
  const env = { ...inherited, ...environment };
  return spawn(process.execPath, [LAUNCHER, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** A folder of its own for each test, gone with it, and whatever PostgreSQL a killed server left in it stopped. */
export class Folder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), 'itirp-platform-')));
  }

  async remove(): Promise<void> {
    const left = await findPostmaster(join(this.path, 'postgres'));
    if (left !== undefined) await stopPostmaster(left, 30_000);
    await rm(this.path, { recursive: true, force: true });
  }
}

/** No rate limit, and any free port; what `environment` says wins. */
const USUAL: Environment = { RATE_LIMIT_PER_MINUTE: '0', PORT: '0' };

export class Server {
  /** Every line it wrote, as it wrote it. */
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  /** Where it listens; never, when it ends before that. */
  readonly #address = Promise.withResolvers<string>();
  #url = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#hear(line));
    }
    this.#address.promise.catch(() => undefined); // whoever waits for it hears of it
    child.once('close', () => this.#fail('the server ended before it was ready'));
  }

  /** Starts it, and does not wait until it is ready. */
  static launch(args: readonly string[], environment: Environment): Server {
    return new Server(launch(['serve', ...args], { ...USUAL, ...environment }));
  }

  /** Starts it; resolves when it listens. @throws Error with its last words when it ends before that */
  static async start(args: readonly string[], environment: Environment): Promise<Server> {
    const server = Server.launch(args, environment);
    await server.ready();
    return server;
  }

  /** @throws Error with its last words when it ends before that */
  async ready(): Promise<void> {
    const patience = setTimeout(() => this.#fail('the server did not get ready'), READY_PATIENCE_MS);
    try {
      this.#url = await this.#address.promise;
    } catch (error) {
      this.#child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(patience);
    }
  }

  #hear(line: string): void {
    this.lines.push(line);
    const address = /"address":"([^"]+)"/.exec(line)?.[1];
    if (address !== undefined) this.#address.resolve(address);
  }

  #fail(why: string): void {
    this.#address.reject(new Error(`${why}:\n${this.log}`));
  }

  get url(): string {
    return this.#url;
  }
  get pid(): number | undefined {
    return this.#child.pid;
  }
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
  get log(): string {
    return this.lines.join('\n');
  }

  /** Sends `signal` and resolves with the exit code once the process is gone; null where the signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (!this.hasEnded) {
      const gone = once(this.#child, 'close');
      this.#child.kill(signal);
      await gone;
    }
    return this.#child.exitCode;
  }
}
