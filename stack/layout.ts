/** Who there is in the stack, on which port each is, and at which address one part finds another. */
import { isFree, LOOPBACK } from './ports.ts';

export const SHARDS = ['desk-a', 'desk-b', 'desk-c'] as const;
export const API_NODES = 3;

/** How many of ITIRP's own processes there are of each role, in the order in which they start. */
export const PROCESSES = { engine: 3, projector: 2, publisher: 2, api: API_NODES } as const;
export type ItirpRole = keyof typeof PROCESSES;
export const ITIRP_ROLES = Object.keys(PROCESSES) as readonly ItirpRole[];

const numbered = (role: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${role}-${index + 1}`);

export const itirpNames = (role: ItirpRole): readonly string[] => numbered(role, PROCESSES[role]);
export const kafkaNames = (brokers: number): readonly string[] => numbered('kafka', brokers);
const POSTGRES_NAMES = numbered('postgres', 2);

/** A way from one part to another, on which a proxy may stand. */
export interface Link {
  readonly from: string;
  readonly to: string;
}

export interface LinkPlace extends Link {
  /** Where the proxy has to listen: the address that `from` is given. */
  readonly listenHost: string;
  readonly listenPort: number;
  /** Where the proxy has to lead. */
  readonly targetPort: number;
}

/**
 * Every way there is between two parts: ITIRP to its services, the load balancer to the nodes, standby to primary, and
 * broker to broker where this machine has loopback addresses enough.
 */
export function allLinks(brokers: number): readonly Link[] {
  const services = [...kafkaNames(brokers), 'redis', ...POSTGRES_NAMES];
  const processes = ITIRP_ROLES.flatMap(itirpNames);
  return [
    ...processes.flatMap((from) => services.map((to) => ({ from, to }))),
    ...itirpNames('api').map((to) => ({ from: 'haproxy', to })),
    { from: 'postgres-1', to: 'postgres-2' },
    { from: 'postgres-2', to: 'postgres-1' },
    ...(HAS_LOOPBACKS ? peerLinks(brokers) : []),
  ];
}

/** Linux answers at every address of 127.0.0.0/8; elsewhere each but the first must be added by hand. */
export const HAS_LOOPBACKS = process.platform === 'linux';

/** Between brokers: as peers that copy from each other, and as voters for the controller. */
function peerLinks(brokers: number): readonly Link[] {
  const names = kafkaNames(brokers);
  return names.flatMap((from) =>
    names
      .filter((peer) => peer !== from)
      .flatMap((peer) => [inner(peer), controller(peer)].map((to) => ({ from, to }))),
  );
}

const inner = (broker: string): string => `${broker} inner`;
const controller = (broker: string): string => `${broker} controller`;

/**
 * A broker tells its peers one name and one port, and each peer must come by a proxy of its own: so each broker looks for
 * the others at an address of its own, on their ports.
 */
const ownLoopback = (broker: string): string => `127.0.0.${10 + Number(broker.replace('kafka-', ''))}`;

const isKafka = (name: string): boolean => name.startsWith('kafka-');
const isPeer = ({ from, to }: Link): boolean => isKafka(from) && isKafka(to);
const listenKey = ({ from, to }: Link): string => `${from} to ${to}`;
/** A broker tells each client of a listener one address: clients behind proxies of their own need their own listener. */
const doorKey = ({ from, to }: Link): string => `${to} for ${from}`;

/** Every port by what it is for. */
export type Ports = Readonly<Record<string, number>>;

function keysOf(brokers: number, hasLinks: boolean): readonly string[] {
  const kafka = kafkaNames(brokers).flatMap((name) => [name, controller(name), inner(name)]);
  const processes = ITIRP_ROLES.toReversed().flatMap(itirpNames);
  const plain = ['haproxy', 'haproxy stats', ...processes, 'redis', ...POSTGRES_NAMES, ...kafka];
  if (!hasLinks) return plain;
  const links = allLinks(brokers).filter((link) => !isPeer(link)); // peers come to the ports that brokers have anyway
  return [...plain, ...links.map(listenKey), ...links.filter(({ to }) => isKafka(to)).map(doorKey)];
}

const PORTS_MAX = 250;
const STEPS_MAX = 40;

/**
 * Ports one after another from `base` on; from `base` + 250 on when one of them is taken, and so forth.
 * @throws Error when there is no such row of free ports
 */
export async function choosePorts(brokers: number, hasLinks: boolean, base: number): Promise<Ports> {
  const keys = keysOf(brokers, hasLinks);
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const ports = keys.map((_, index) => base + step * PORTS_MAX + index);
    const free = await Promise.all(ports.map(isFree));
    if (free.every((yes) => yes))
      return Object.fromEntries(keys.map((key, index) => [key, ports[index] ?? 0]));
  }
  throw new Error(
    `no ${keys.length} free ports in a row from ${base} on; name another start with STACK_PORT`,
  );
}

/** Ports by name, and addresses by who asks for whom. */
export class Layout {
  readonly brokers: number;
  readonly hasLinks: boolean;
  readonly #ports: Ports;

  constructor(brokers: number, hasLinks: boolean, ports: Ports) {
    this.brokers = brokers;
    this.hasLinks = hasLinks;
    this.#ports = ports;
  }

  port(key: string): number {
    const port = this.#ports[key];
    if (port === undefined) throw new RangeError(`nothing is called ${key}`);
    return port;
  }

  /** The address, HOST:PORT, at which `from` finds `to`: its own, or that of the proxy between the two. */
  addressOf(from: string, to: string): string {
    return `${LOOPBACK}:${this.port(this.hasLinks ? listenKey({ from, to }) : to)}`;
  }

  /** What proxies have to carry, before anything is started; none unless links were asked for. */
  get links(): readonly LinkPlace[] {
    if (!this.hasLinks) return [];
    return allLinks(this.brokers).map((link) =>
      isPeer(link)
        ? {
            ...link,
            listenHost: ownLoopback(link.from),
            listenPort: this.port(link.to),
            targetPort: this.port(link.to),
          }
        : {
            ...link,
            listenHost: LOOPBACK,
            listenPort: this.port(listenKey(link)),
            targetPort: this.port(isKafka(link.to) ? doorKey(link) : link.to),
          },
    );
  }

  /** Where `broker` finds each of the others by name, when proxies stand between; undefined: at their own addresses. */
  peersOf(broker: string): Readonly<Record<string, string>> | undefined {
    if (!this.hasLinks || !HAS_LOOPBACKS) return undefined;
    const names = kafkaNames(this.brokers);
    return Object.fromEntries(names.map((name) => [name, name === broker ? LOOPBACK : ownLoopback(broker)]));
  }
}
