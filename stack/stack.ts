/** The whole picture on one machine: opened from its folder, brought up and down, and its parts by name. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withLaunchLock } from '../src/database/launch-lock.ts';
import { Haproxy } from './haproxy.ts';
import { ItirpProcess, itirp, sharedSettings } from './itirp.ts';
import { KafkaCluster } from './kafka.ts';
import type { BrokerPlace } from './kafka-properties.ts';
import { ITIRP_ROLES, type ItirpRole, itirpNames, kafkaNames, Layout, type LinkPlace } from './layout.ts';
import { bringUp, type Part } from './part.ts';
import { LOOPBACK } from './ports.ts';
import { PostgresPair } from './postgres.ts';
import { RedisServer } from './redis.ts';
import { softwareFolder, stackFolder } from './software.ts';
import { ensureState, type Shape, type State, writeState } from './state.ts';
import { addTraders } from './users.ts';

export interface StackOptions extends Shape {
  /** Where all it writes goes. Default: STACK_DIR, else `.stack` in the checkout. */
  readonly folder?: string | undefined;
  /** Where jars and unpacked packages are. Default: `software` in that of STACK_DIR, shared by all. */
  readonly software?: string | undefined;
  readonly say?: ((message: string) => void) | undefined;
}

const LOCK_PATIENCE_MS = 5 * 60_000;

interface Common {
  readonly folder: string;
  readonly software: string;
  readonly say: (message: string) => void;
}

interface Services {
  readonly kafka: KafkaCluster;
  readonly redis: RedisServer;
  readonly postgres: PostgresPair;
  readonly haproxy: Haproxy;
}

export class Stack {
  readonly folder: string;
  readonly layout: Layout;
  readonly kafka: KafkaCluster;
  readonly redis: RedisServer;
  readonly postgres: PostgresPair;
  readonly haproxy: Haproxy;
  readonly processes: readonly ItirpProcess[];
  readonly state: State;
  readonly #say: (message: string) => void;
  /** Did this process see to tables and users? Programs do not change under it. */
  #isPrepared = false;

  private constructor(
    folder: string,
    state: State,
    layout: Layout,
    services: Services,
    say: (message: string) => void,
  ) {
    this.folder = folder;
    this.state = state;
    this.layout = layout;
    this.kafka = services.kafka;
    this.redis = services.redis;
    this.postgres = services.postgres;
    this.haproxy = services.haproxy;
    const options = { folder, layout, state };
    this.processes = ITIRP_ROLES.flatMap((role) =>
      itirpNames(role).map((name) => new ItirpProcess(role, name, options)),
    );
    this.#say = say;
  }

  /**
   * Gets the software and knows every part, as it was made or as `options` want it made; starts none.
   * @throws Error with the remedy, when something cannot be had
   */
  static async open(options: StackOptions = {}): Promise<Stack> {
    const folder = options.folder ?? stackFolder();
    const state = await ensureState(folder, options);
    const layout = new Layout(state.brokers, state.links, state.ports);
    const say = options.say ?? (() => {});
    const common = { folder, software: options.software ?? softwareFolder(), say };
    const services = await openServices(common, state, layout);
    return new Stack(folder, state, layout, services, say);
  }

  /** Every part, in the order in which they start. */
  get parts(): readonly Part[] {
    const { postgres, kafka, redis, processes, haproxy } = this;
    return [...kafka.brokers, redis, postgres.servers[1], postgres.servers[2], ...processes, haproxy];
  }

  /** @throws Error when there is no part of this name, naming those that there are */
  part(name: string): Part {
    const [part] = this.partsCalled(name);
    if (part === undefined || part.daemon.name !== name) throw new Error(this.#unknown(name));
    return part;
  }

  /** The part of this name, or all of this role. @throws Error when there is none */
  partsCalled(name: string): readonly Part[] {
    const found = this.parts.filter((part) => part.daemon.name === name);
    const parts = found.length > 0 ? found : this.parts.filter(({ role }) => role === name);
    if (parts.length === 0) throw new Error(this.#unknown(name));
    return parts;
  }

  #unknown(name: string): string {
    return `there is no part ${name}; there are ${this.parts.map(({ daemon }) => daemon.name).join(', ')}`;
  }

  /** Where callers come. */
  get url(): string {
    return `http://${LOOPBACK}:${this.haproxy.port}`;
  }

  /** What proxies have to carry before `up`, when the stack was made with `links`. */
  get links(): readonly LinkPlace[] {
    return this.layout.links;
  }

  /** The settings of a tool that works on the stack's services (`itirp verify`): no proxy between. */
  get toolSettings(): Readonly<Record<string, string>> {
    const direct = new Layout(this.state.brokers, false, this.state.ports);
    return sharedSettings('tool', { folder: this.folder, layout: direct, state: this.state });
  }

  /** Starts whatever does not run, in order, and resolves when all of it serves. @throws Error with the last words */
  async up(): Promise<void> {
    await this.#underLock(async () => {
      await Promise.all([this.#kafkaUp(), this.#partsUp([this.redis]), this.#postgresUp()]);
      await this.#prepare();
      for (const role of ITIRP_ROLES)
        await this.#partsUp(this.processes.filter((each) => each.role === role));
      await this.#partsUp([this.haproxy]);
    });
  }

  async #kafkaUp(): Promise<void> {
    await Promise.all(this.kafka.brokers.map((broker) => broker.launch())); // none of three is ready alone
    await this.#partsUp(this.kafka.brokers);
  }

  async #postgresUp(): Promise<void> {
    const began = performance.now();
    await this.postgres.start();
    const [primary, standby] = [await this.postgres.primary(), await this.postgres.standby()];
    this.#tell(`${primary.daemon.name}, primary`, primary.port, began);
    this.#tell(`${standby.daemon.name}, standby`, standby.port, began);
  }

  /** Tables and users, before the first process that needs them. */
  async #prepare(): Promise<void> {
    if (this.#isPrepared) return;
    const running = await Promise.all(this.processes.map(({ daemon }) => daemon.find()));
    if (running.every((life) => life !== undefined)) return;
    const began = performance.now();
    await itirp(['migrate'], this.toolSettings);
    if (!this.state.hasUsers) {
      await addTraders(this.toolSettings, this.state.secrets.traders);
      await writeState(this.folder, { ...this.state, hasUsers: true });
    }
    this.#isPrepared = true;
    this.#tell('tables and users', undefined, began);
  }

  async #partsUp(parts: readonly Part[]): Promise<void> {
    await Promise.all(
      parts.map(async (part) => {
        const began = performance.now();
        await bringUp(part);
        this.#tell(part.daemon.name, part.port, began);
      }),
    );
  }

  #tell(what: string, port: number | undefined, began: number): void {
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const where = port === undefined ? '' : `port ${port}`;
    this.#say(`${what.padEnd(22)} ${where.padEnd(12)} ${seconds} s`);
  }

  /** Ends all parts, callers' side first. @param wipe takes the data and what is remembered away too */
  async down({ wipe = false }: { wipe?: boolean } = {}): Promise<void> {
    await this.#underLock(async () => {
      await this.haproxy.stop();
      const roles: readonly ItirpRole[] = ITIRP_ROLES.toReversed();
      for (const role of roles) {
        const parts = this.processes.filter((each) => each.role === role);
        await Promise.all(parts.map((part) => part.stop()));
        this.#say(`stopped ${parts.map(({ daemon }) => daemon.name).join(', ')}`);
      }
      await Promise.all([this.redis.stop(), this.postgres.stop(), this.kafka.stop()]);
      this.#say('stopped Redis, PostgreSQL and Kafka');
    });
    if (wipe) await wipeStack(this.folder);
  }

  async #underLock(work: () => Promise<void>): Promise<void> {
    await withLaunchLock(join(this.folder, 'launch'), LOCK_PATIENCE_MS, work);
  }
}

/** Takes away all but the software: data, logs, pids, and what is remembered. */
export async function wipeStack(folder: string): Promise<void> {
  for (const name of ['data', 'logs', 'run', 'state.json']) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function openServices(common: Common, state: State, layout: Layout): Promise<Services> {
  const { folder } = common;
  const ports = { 1: layout.port('postgres-1'), 2: layout.port('postgres-2') };
  const { postgresAdmin: adminPassword, postgres: password } = state.secrets;
  const addressOf = (from: string, to: string): string => layout.addressOf(from, to);
  return {
    kafka: await KafkaCluster.open({ ...common, brokers: brokerPlaces(layout) }),
    redis: await RedisServer.open({ ...common, port: layout.port('redis'), password: state.secrets.redis }),
    postgres: await PostgresPair.open({ folder, ports, adminPassword, password, addressOf }),
    haproxy: await Haproxy.open({
      ...common,
      port: layout.port('haproxy'),
      statsPort: layout.port('haproxy stats'),
      nodes: itirpNames('api').map((name) => addressOf('haproxy', name)),
    }),
  };
}

/** A listener of its own for each client with a proxy: a broker tells all clients of a listener the same address. */
function brokerPlaces(layout: Layout): readonly BrokerPlace[] {
  return kafkaNames(layout.brokers).map((name) => ({
    port: layout.port(name),
    controllerPort: layout.port(`${name} controller`),
    innerPort: layout.port(`${name} inner`),
    peers: layout.peersOf(name),
    listeners: layout.links
      .filter(({ to }) => to === name)
      .map(({ from, listenPort, targetPort }) => ({
        name: from.replace('-', '').toUpperCase(),
        port: targetPort,
        advertised: `${LOOPBACK}:${listenPort}`,
      })),
  }));
}
