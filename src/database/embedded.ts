/** The embedded PostgreSQL: adopts the server that runs on a data directory, or makes and starts one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchownSync, openSync } from 'node:fs';
import { readFile, stat, truncate } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Fault } from '../faults/fault.ts';
import { findBinaries } from './binaries.ts';
import { type Cluster, clusterIn, DATABASE_NAME, prepare, settings, urlOf } from './cluster.ts';
import type { Identity } from './identity.ts';
import { withLaunchLock } from './launch-lock.ts';
import { codeOf, messageOf } from './outage.ts';
import { freePort, isFree } from './ports.ts';
import { findPostmaster, greet, type Postmaster, stopPostmaster, takeLeftFile } from './postmaster.ts';

/** A server may have to read through a long write-ahead log before it answers, in milliseconds. */
const START_PATIENCE_MS = 5 * 60_000;
const STOP_PATIENCE_MS = 60_000;
const POLL_MS = 20;
const POLL_MS_MAX = 250; // each knock at a server that recovers is a line in its log
const ATTEMPTS_MAX = 20;
const RETRY_MS = 200;
/** Complaints that pass: somebody took the port, or children of a killed server have not all noticed yet. */
const PASSING = /could not bind|Address already in use|shared memory block .* is still in use/;
const LOG_BYTES_MAX = 10_000_000;

/** Says what the launcher does, for the log. */
export type Say = (message: string) => void;

export class EmbeddedServer {
  readonly #cluster: Cluster;
  readonly #say: Say;
  /** Where the server was last: one that has to be started again keeps its port while nobody else has it. */
  #port = 0;

  private constructor(cluster: Cluster, say: Say) {
    this.#cluster = cluster;
    this.#say = say;
  }

  static async on(dataDir: string, say: Say): Promise<EmbeddedServer> {
    return new EmbeddedServer(await clusterIn(dataDir), say);
  }

  get dataDir(): string {
    return this.#cluster.dataDir;
  }

  /**
   * A URL at which the server answers; starts one when none runs.
   * @throws Fault DATABASE_VERSION or DATABASE_LAUNCH
   */
  async ensureRunning(): Promise<string> {
    const { folder, lockFile } = this.#cluster;
    const running = (await findPostmaster(folder)) ?? (await this.#underLock(lockFile));
    const url = await this.#answering(running);
    this.#port = running.port || Number(new URL(url).port);
    return url;
  }

  /** The URL of one that runs; undefined: none does. Starts nothing. @throws Fault DATABASE_LAUNCH: the password is lost */
  async runningUrl(): Promise<string | undefined> {
    const running = await findPostmaster(this.#cluster.folder);
    return running === undefined || running.port === 0 ? undefined : await urlOf(this.#cluster, running.port);
  }

  async isRunning(): Promise<boolean> {
    return (await findPostmaster(this.#cluster.folder)) !== undefined;
  }

  /** Stops the server, if one runs. Whoever calls this knows that nobody uses it. */
  async stop(): Promise<void> {
    const running = await findPostmaster(this.#cluster.folder);
    if (running === undefined) return;
    if (await stopPostmaster(running, STOP_PATIENCE_MS)) this.#say('stopped PostgreSQL');
    else this.#say(`PostgreSQL (pid ${running.pid}) is still stopping`);
  }

  async #underLock(lockFile: string): Promise<Postmaster> {
    return await withLaunchLock(lockFile, START_PATIENCE_MS, async () => {
      return (await findPostmaster(this.#cluster.folder)) ?? (await this.#launch());
    });
  }

  async #launch(): Promise<Postmaster> {
    const binaries = await findBinaries();
    const identity = await prepare(this.#cluster, binaries);
    const left = await takeLeftFile(this.#cluster.folder);
    const preferred = this.#port || (left?.port ?? 0); // whoever is connected knows no other
    for (let attempt = 1; ; attempt += 1) {
      if (attempt > 1) await sleep(RETRY_MS);
      const isTried = attempt <= ATTEMPTS_MAX / 2 && (await isFree(preferred));
      const port = isTried ? preferred : await freePort();
      const child = await this.#spawn(binaries.postgres, identity, port);
      const postmaster = { pid: child.pid ?? 0, port };
      const complaint = await this.#started(child, postmaster);
      if (complaint === undefined) {
        this.#say(`started PostgreSQL on port ${port} as ${identity.says}, data in ${this.#cluster.folder}`);
        return postmaster;
      }
      if (!PASSING.test(complaint) || attempt === ATTEMPTS_MAX) throw new Fault('DATABASE_LAUNCH', complaint);
    }
  }

  /** In a session of its own: a Ctrl-C that reaches us must not stop the server before we are done with it. */
  async #spawn(program: string, identity: Identity, port: number): Promise<ChildProcess> {
    const { folder, logFile } = this.#cluster;
    const size = await stat(logFile).then(
      (found) => found.size,
      () => 0,
    );
    if (size > LOG_BYTES_MAX) await truncate(logFile);
    const log = openSync(logFile, 'a', 0o600);
    if (identity.owner) fchownSync(log, identity.owner.uid, identity.owner.gid); // he may start it without root next
    const { file, args, options } = identity.invoke(program, ['-D', folder, ...settings(port)]);
    const child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', log, log] });
    child.unref();
    closeSync(log);
    return child;
  }

  /** Undefined once the server answers; else what its log says of why it ended. */
  async #started(child: ChildProcess, postmaster: Postmaster): Promise<string | undefined> {
    const begin = await stat(this.#cluster.logFile).then((found) => found.size);
    let failure: string | undefined;
    child.once('error', (error) => {
      failure = messageOf(error);
    });
    const deadline = performance.now() + START_PATIENCE_MS;
    const url = await urlOf(this.#cluster, postmaster.port, 'postgres');
    for (
      let pauseMs = POLL_MS;
      performance.now() < deadline;
      pauseMs = Math.min(1.3 * pauseMs, POLL_MS_MAX)
    ) {
      if ((await greet(url, this.#cluster.folder)) === 'ready') return undefined;
      if (child.exitCode !== null || child.signalCode !== null) failure ??= 'it ended at once';
      if (failure !== undefined) {
        const log = (await readFile(this.#cluster.logFile)).subarray(begin).toString().trim();
        return `${failure}: ${log || `see ${this.#cluster.logFile}`}`;
      }
      await sleep(pauseMs);
    }
    return `it did not answer within ${START_PATIENCE_MS / 1000} s`;
  }

  /** Waits through a start or a crash recovery that another process may have begun. */
  async #answering(first: Postmaster): Promise<string> {
    const { folder } = this.#cluster;
    const deadline = performance.now() + START_PATIENCE_MS;
    let running = first;
    for (
      let pauseMs = POLL_MS;
      performance.now() < deadline;
      pauseMs = Math.min(1.3 * pauseMs, POLL_MS_MAX)
    ) {
      const url = await urlOf(this.#cluster, running.port);
      const greeting = running.port === 0 ? 'silent' : await greet(url, folder);
      if (greeting === 'ready') return url;
      if (greeting === 'databaseMissing')
        await createDatabase(await urlOf(this.#cluster, running.port, 'postgres'));
      else await sleep(pauseMs);
      running = (await findPostmaster(folder)) ?? (await this.#underLock(this.#cluster.lockFile));
    }
    throw new Fault('DATABASE_LAUNCH', `the server (pid ${running.pid}) in ${folder} does not answer`);
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${DATABASE_NAME}`);
  } catch (error) {
    if (codeOf(error) !== '42P04' && codeOf(error) !== '23505') throw error; // another process was faster
  } finally {
    await client.end();
  }
}
