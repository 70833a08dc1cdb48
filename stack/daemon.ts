/** One program in the background: started away from the terminal, found again by its pid file, signalled, waited for. */
import { spawn } from 'node:child_process';
import { closeSync, fchownSync, openSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { familyOf, isAlive, type Life, lifeOf, memoryOf, signal } from './processes.ts';

/** What to run, and as whom. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface Vitals {
  readonly pid: number;
  readonly isPaused: boolean;
  /** Of the process and its children. */
  readonly memoryBytes: number;
}

const POLL_MS = 25;

export class Daemon {
  readonly name: string;
  readonly logFile: string;
  readonly pidFile: string;

  /** Pid and log go to `folder`/run and `folder`/logs. */
  constructor(name: string, folder: string) {
    this.name = name;
    this.logFile = join(folder, 'logs', `${name}.log`);
    this.pidFile = join(folder, 'run', `${name}.pid`);
  }

  /** The process, if it lives; whoever started it. */
  async find(): Promise<Life | undefined> {
    const [pid, born] = (await readFile(this.pidFile, 'utf8').catch(() => '')).split(' ').map(Number);
    if (pid === undefined || born === undefined) return undefined;
    return (await isAlive({ pid, born })) ? { pid, born } : undefined;
  }

  async vitals(): Promise<Vitals | undefined> {
    const life = await this.find();
    if (life === undefined) return undefined;
    const family = await familyOf(life.pid);
    const memory = await Promise.all(family.map(({ pid }) => memoryOf(pid)));
    return {
      pid: life.pid,
      isPaused: family[0]?.state === 'T',
      memoryBytes: memory.reduce((sum, bytes) => sum + bytes, 0),
    };
  }

  /**
   * Starts the program in a session of its own, so that neither Ctrl-C nor our own end reaches it.
   * @throws Error when it cannot be run at all
   */
  async start(launch: Launch): Promise<Life> {
    if (process.platform !== 'linux') throw new Error('the stack runs on Linux alone: it reads /proc');
    await mkdir(join(this.logFile, '..'), { recursive: true });
    await mkdir(join(this.pidFile, '..'), { recursive: true });
    const log = openSync(this.logFile, 'a', 0o600);
    const { uid, gid } = launch;
    if (uid !== undefined && gid !== undefined) fchownSync(log, uid, gid);
    const { file, args, ...options } = launch;
    const env = { ...process.env, ...launch.env };
    const child = spawn(file, [...args], { ...options, env, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) =>
        reject(new Error(`${this.name}: ${file} does not run: ${error.message}`)),
      );
    });
    child.unref();
    const life = await lifeOf(child.pid ?? 0);
    if (life === undefined) throw new Error(`${this.name} ended at once:\n${await this.lastWords()}`);
    await writeFile(`${this.pidFile}.new`, `${life.pid} ${life.born}`);
    await rename(`${this.pidFile}.new`, this.pidFile);
    return life;
  }

  /** Sends a signal to the process and all its children; nothing when it is gone. */
  async signalAll(name: NodeJS.Signals): Promise<void> {
    const life = await this.find();
    if (life === undefined) return;
    for (const { pid } of await familyOf(life.pid)) signal(pid, name);
  }

  /** Takes it off the machine with no chance to say good-bye, children too. */
  async kill(): Promise<void> {
    const life = await this.find();
    if (life === undefined) return;
    const family = await familyOf(life.pid);
    for (const { pid } of family) signal(pid, 'SIGKILL');
    await Promise.all(family.map((member) => this.#gone(member, Number.POSITIVE_INFINITY)));
    await rm(this.pidFile, { force: true });
  }

  /**
   * Asks it to end and waits; after `patienceMs` it is killed. A paused one is woken to hear it.
   * @returns whether it ended by itself
   */
  async stop(patienceMs: number, by: NodeJS.Signals = 'SIGTERM'): Promise<boolean> {
    const life = await this.find();
    if (life === undefined) return true;
    signal(life.pid, by);
    await this.signalAll('SIGCONT');
    if (!(await this.#gone(life, patienceMs))) {
      await this.kill();
      return false;
    }
    await rm(this.pidFile, { force: true });
    return true;
  }

  /** The end of its log. */
  async lastWords(lines = 20): Promise<string> {
    const text = await readFile(this.logFile, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** Waits until `isReady`; its last words, should it end before. @throws Error */
  async until(isReady: () => Promise<boolean>, patienceMs: number): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!(await isReady())) {
      if ((await this.find()) === undefined) {
        throw new Error(
          `${this.name} ended before it was ready; ${this.logFile} says:\n${await this.lastWords()}`,
        );
      }
      if (performance.now() > deadline) {
        const seconds = Math.round(patienceMs / 1000);
        throw new Error(
          `${this.name} was not ready within ${seconds} s; ${this.logFile} says:\n${await this.lastWords()}`,
        );
      }
      await sleep(4 * POLL_MS);
    }
  }

  async #gone(life: Life, patienceMs: number): Promise<boolean> {
    const deadline = performance.now() + patienceMs;
    while (await isAlive(life)) {
      if (performance.now() > deadline) return false;
      await sleep(POLL_MS);
    }
    return true;
  }
}
