/** Prometheus on this machine, with the configuration and the rules that production uses, and targets of its own. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { Daemon } from './daemon.ts';
import { getStatus } from './http-status.ts';
import type { Say } from './kafka-jars.ts';
import { freePorts, LOOPBACK } from './ports.ts';
import { findProgram, type Program } from './programs.ts';
import { softwareFolder } from './software.ts';

/** Who is scraped: HOST:PORT, and the labels that its figures get. */
export interface Target {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  /** Data, log and pid go below it. */
  readonly folder: string;
  /** By the names of the jobs in deploy/prometheus/prometheus.yml. */
  readonly targets: Readonly<Record<string, readonly Target[]>>;
  /** How often they are scraped and the rules asked, in seconds. */
  readonly everySeconds: number;
  /** A free one when not given. */
  readonly port?: number;
  readonly software?: string;
  readonly say?: Say;
}

/** The folder that production mounts. */
export const PROMETHEUS_FILES = new URL('../deploy/prometheus/', import.meta.url).pathname;
const FILES = ['prometheus.yml', 'recording.yml', 'alerts.yml'];
const START_PATIENCE_MS = 30_000;
const STOP_PATIENCE_MS = 20_000;

export class PrometheusServer {
  readonly daemon: Daemon;
  readonly port: number;
  readonly #options: PrometheusOptions;
  readonly #program: Program;

  private constructor(options: PrometheusOptions, port: number, program: Program) {
    this.daemon = new Daemon('prometheus', options.folder);
    this.port = port;
    this.#options = options;
    this.#program = program;
  }

  /** Finds or gets the program; starts nothing. @throws Error when it cannot be had */
  static async open(options: PrometheusOptions): Promise<PrometheusServer> {
    const program = await findProgram('prometheus', options.software ?? softwareFolder(), options.say);
    const [port = 0] = options.port === undefined ? await freePorts(1) : [options.port];
    return new PrometheusServer(options, port, program);
  }

  get url(): string {
    return `http://${LOOPBACK}:${this.port}`;
  }

  /** Starts it, unless it runs; resolves when it answers queries. @throws Error with its last words */
  async start(): Promise<void> {
    if ((await this.daemon.find()) === undefined) await this.#launch();
    await this.daemon.until(async () => (await getStatus(`${this.url}/-/ready`)) === 200, START_PATIENCE_MS);
  }

  async stop(): Promise<void> {
    await this.daemon.stop(STOP_PATIENCE_MS);
  }

  async #launch(): Promise<void> {
    const home = join(this.#options.folder, 'data', 'prometheus');
    await this.#configure(home);
    const args = [
      `--config.file=${join(home, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(home, 'tsdb')}`,
      `--web.listen-address=${LOOPBACK}:${this.port}`,
    ];
    await this.daemon.start({ file: this.#program.file, args, env: this.#program.env, cwd: home });
  }

  /** Production's files but for the interval, and targets of ours in the place of production's. */
  async #configure(home: string): Promise<void> {
    await mkdir(join(home, 'targets'), { recursive: true });
    for (const file of FILES) await cp(join(PROMETHEUS_FILES, file), join(home, file));
    const path = join(home, 'prometheus.yml');
    const config = parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    const every = `${this.#options.everySeconds}s`;
    const global = { scrape_interval: every, scrape_timeout: every, evaluation_interval: every };
    await writeFile(path, stringify({ ...config, global }));
    const own = { prometheus: [{ address: `${LOOPBACK}:${this.port}`, labels: {} }] };
    for (const [job, targets] of Object.entries({ ...this.#options.targets, ...own })) {
      const groups = targets.map(({ address, labels }) => ({ targets: [address], labels }));
      await writeFile(join(home, 'targets', `${job}.yml`), stringify(groups));
    }
  }
}
