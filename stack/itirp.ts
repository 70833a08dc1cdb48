/** ITIRP's own processes: nodes of the API, engines, projectors and publishers, each with the settings of its place. */
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon } from './daemon.ts';
import { getStatus } from './http-status.ts';
import { type ItirpRole, kafkaNames, type Layout, SHARDS } from './layout.ts';
import type { Part } from './part.ts';
import { LOOPBACK } from './ports.ts';
import type { State } from './state.ts';

const LAUNCHER = new URL('../bin/itirp.js', import.meta.url).pathname;
/** Longer than `itirp serve` itself takes before it gives a graceful stop up. */
const STOP_PATIENCE_MS = 35_000;

export interface ItirpOptions {
  readonly folder: string;
  readonly layout: Layout;
  readonly state: State;
}

/** The settings that every process and every tool of the stack shares, as seen from `name`. */
export function sharedSettings(name: string, { layout, state }: ItirpOptions): Record<string, string> {
  const at = (to: string): string => layout.addressOf(name, to);
  const { postgres, redis, secretKey } = state.secrets;
  const login = `postgres://itirp:${postgres}@`;
  return {
    ENVIRONMENT: 'demo',
    SECRET_KEY: secretKey,
    SHARDS: SHARDS.join(','),
    DEPLOYMENT: 'stack',
    POSTGRES_URL: `${login}${at('postgres-1')},${at('postgres-2')}/itirp`,
    POSTGRES_REPLICA_URL: `${login}${at('postgres-2')}/itirp`,
    REDIS_URL: `redis://:${redis}@${at('redis')}`,
    KAFKA_BROKERS: kafkaNames(layout.brokers).map(at).join(','),
    KAFKA_REPLICATION: String(Math.min(3, layout.brokers)),
  };
}

export class ItirpProcess implements Part {
  readonly role: ItirpRole;
  readonly patienceMs = 90_000;
  readonly daemon: Daemon;
  readonly port: number;
  readonly #options: ItirpOptions;

  constructor(role: ItirpRole, name: string, options: ItirpOptions) {
    this.role = role;
    this.daemon = new Daemon(name, options.folder);
    this.port = options.layout.port(name);
    this.#options = options;
  }

  /** Its settings, as environment variables. */
  get settings(): Readonly<Record<string, string>> {
    const { name } = this.daemon;
    return {
      ...sharedSettings(name, this.#options),
      ROLE: this.role,
      NODE_NAME: name,
      HOST: LOOPBACK,
      PORT: String(this.port),
      DATA_DIR: join(this.#options.folder, 'data', 'itirp', name),
      TRUST_PROXY: 'true',
      POSTGRES_POOL_MAX: '6',
      DRAIN_MS: this.role === 'api' ? '3000' : '0', // longer than the load balancer needs to see it
      ...this.#options.state.settings,
    };
  }

  async launch(): Promise<void> {
    if ((await this.daemon.find()) !== undefined) return;
    const { settings } = this;
    await mkdir(settings.DATA_DIR ?? '', { recursive: true });
    await this.daemon.start({ file: process.execPath, args: [LAUNCHER, 'serve'], env: settings });
  }

  async isReady(): Promise<boolean> {
    return (await getStatus(`http://${LOOPBACK}:${this.port}/readyz`)) === 200;
  }

  async stop(): Promise<void> {
    await this.daemon.stop(STOP_PATIENCE_MS);
  }
}

/**
 * Runs one of `itirp`'s commands to its end, with `input` on its standard input.
 * @returns what it said
 * @throws Error with what it said, when it fails
 */
export async function itirp(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
  input = '',
): Promise<string> {
  const env = { ...process.env, ...settings };
  const child = spawn(process.execPath, [LAUNCHER, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const said: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  child.stdin.on('error', () => {}); // a command that asks for nothing may close it early
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const words = said.join('');
  if (code !== 0) throw new Error(`itirp ${args.join(' ')} failed:\n${words.trim()}`);
  return words;
}

/** Runs one of `itirp`'s commands on the terminal that we were started from. Resolves with its exit code. */
export async function itirpHere(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const env = { ...process.env, ...settings };
  const child = spawn(process.execPath, [LAUNCHER, ...args], { env, stdio: 'inherit' });
  process.on('SIGINT', () => {}); // the terminal sends it to both, and the command ends as it sees fit
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
