/** The real server as a process of its own: started, killed, started again and stopped, as an operator would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPostmaster, stopPostmaster } from '../../database/postmaster.ts';

const READY_PATIENCE_MS = 120_000;
const STOP_PATIENCE_MS = 60_000;

/** The launcher that `npx itirp` runs. */
const LAUNCHER = join(import.meta.dirname, '..', '..', '..', 'bin', 'itirp.js');

export interface ServerOptions {
  readonly dataDir: string;
  /** Where the server's log goes: what it says is not the demo's to show, unless it fails. */
  readonly logFile: string;
  readonly port: number;
  readonly environment: Environment;
}

export type Environment = Readonly<Record<string, string>>;

export interface CommandResult {
  readonly code: number;
  readonly output: string;
}

export class ServerProcess {
  readonly url: string;
  readonly #options: ServerOptions;
  readonly #log: WriteStream;
  #child: ChildProcess | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#log = createWriteStream(options.logFile, { flags: 'a' });
    this.url = `http://127.0.0.1:${options.port}`;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * Starts it, `settings` beside the usual ones, and waits until it says it is healthy. Resolves with the
   * milliseconds that took.
   */
  async start(settings: Environment, signal: AbortSignal): Promise<number> {
    const began = performance.now();
    const child = this.#spawn(['serve', '--demo', '--port', String(this.#options.port)], settings);
    child.stdout?.pipe(this.#log, { end: false });
    child.stderr?.pipe(this.#log, { end: false });
    this.#child = child;
    while (!(await isHealthy(this.url))) {
      signal.throwIfAborted();
      const waited = performance.now() - began;
      if (!this.isRunning)
        throw new Error(`the server ended before it was ready; see ${this.#options.logFile}`);
      if (waited > READY_PATIENCE_MS) throw new Error('the server did not get ready in two minutes');
      await sleep(25);
    }
    return performance.now() - began;
  }

  /** SIGKILL: no goodbye, nothing is flushed. Resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM, as a supervisor sends it. Resolves with the exit code; null when it had to be killed. */
  async stop(): Promise<number | null> {
    if (!this.isRunning) return this.#child?.exitCode ?? null;
    const patience = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_PATIENCE_MS);
    await this.#end('SIGTERM');
    clearTimeout(patience);
    return this.#child?.exitCode ?? null;
  }

  /** Runs another of the operator's commands on the same data, `input` on its standard input. */
  async command(args: readonly string[], input = ''): Promise<CommandResult> {
    const child = this.#spawn(args);
    const words: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => words.push(text));
    }
    child.stdin?.on('error', () => {}); // a command that asks for nothing closes it early
    child.stdin?.end(input);
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit) => resolve(exit ?? 1));
    });
    return { code, output: words.join('') };
  }

  /** Stops what a killed server leaves behind: its PostgreSQL runs on, waiting for the next one. */
  async close(): Promise<void> {
    this.#log.end();
    const left = await findPostmaster(join(this.#options.dataDir, 'postgres'));
    if (left !== undefined) await stopPostmaster(left, STOP_PATIENCE_MS);
  }

  /** A process group of its own: Ctrl-C at the terminal reaches the demo alone, which then stops the server. */
  #spawn(args: readonly string[], settings: Environment = {}): ChildProcess {
    return spawn(process.execPath, [LAUNCHER, ...args], {
      env: { ...process.env, ...this.#options.environment, ...settings, DATA_DIR: this.#options.dataDir },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await gone;
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/v1/health`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false; // not listening yet
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
