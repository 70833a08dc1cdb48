/** What a broker of the stack is told: `server.properties`, line by line. */
import { LOOPBACK } from './ports.ts';

/** A listener of its own for one client, which learns all brokers' addresses as that listener tells them. */
export interface ListenerPlace {
  /** Letters and digits. */
  readonly name: string;
  readonly port: number;
  /** HOST:PORT that this client is told; a proxy in between, say. */
  readonly advertised: string;
}

export interface BrokerPlace {
  /** Where clients come. */
  readonly port: number;
  readonly controllerPort: number;
  /** Where the other brokers come. */
  readonly innerPort: number;
  readonly listeners?: readonly ListenerPlace[];
  /** Where it finds every broker of the cluster by name (`kafka-1`), itself too. Default: at their own addresses. */
  readonly peers?: Readonly<Record<string, string>> | undefined;
}

/** The settings of broker `id`, one of `places`, with its data in `logFolder`. */
export function serverProperties(id: number, places: readonly BrokerPlace[], logFolder: string): string {
  const place = places[id - 1];
  if (place === undefined) throw new RangeError(`there is no broker ${id}`);
  const values = {
    ...whoAndWhere(id, place, places),
    'log.dirs': logFolder,
    ...safety(places.length),
    ...SIZE,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function whoAndWhere(id: number, place: BrokerPlace, places: readonly BrokerPlace[]): Record<string, string> {
  const extra = place.listeners ?? [];
  const here = (port: number): string => `${LOOPBACK}:${port}`;
  const hasNames = place.peers !== undefined;
  const asPeer = (peer: number, port: number): string => (hasNames ? `kafka-${peer}:${port}` : here(port));
  const listeners = [
    `CLIENTS://${here(place.port)}`,
    `BROKERS://${here(place.innerPort)}`,
    ...extra.map(({ name, port }) => `${name}://${here(port)}`),
  ];
  const advertised = [
    `CLIENTS://${here(place.port)}`,
    `BROKERS://${asPeer(id, place.innerPort)}`,
    ...(hasNames ? [`CONTROLLER://${asPeer(id, place.controllerPort)}`] : []), // voters learn the leader's from it
    ...extra.map((each) => `${each.name}://${each.advertised}`),
  ];
  const names = ['CONTROLLER', 'CLIENTS', 'BROKERS', ...extra.map(({ name }) => name)];
  return {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    'controller.quorum.voters': places
      .map(({ controllerPort }, index) => `${index + 1}@${asPeer(index + 1, controllerPort)}`)
      .join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'BROKERS',
    listeners: [...listeners, `CONTROLLER://${here(place.controllerPort)}`].join(','),
    'advertised.listeners': advertised.join(','),
    'listener.security.protocol.map': names.map((name) => `${name}:PLAINTEXT`).join(','),
  };
}

/** What must hold in production too: a majority has what is acknowledged, and nobody else becomes leader. */
function safety(brokers: number): Record<string, string | number> {
  const copies = Math.min(brokers, 3);
  const inSync = Math.max(1, copies - 1);
  return {
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'unclean.leader.election.enable': 'false',
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
  };
}

/** A laptop's measure: few partitions and threads, quick decisions about who is dead. */
const SIZE: Readonly<Record<string, string | number>> = {
  'num.partitions': 1,
  'offsets.topic.num.partitions': 3,
  'transaction.state.log.num.partitions': 3,
  'share.coordinator.state.topic.num.partitions': 1,
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 3_000,
  'group.consumer.min.session.timeout.ms': 3_000,
  'group.consumer.session.timeout.ms': 6_000,
  'group.consumer.min.heartbeat.interval.ms': 500,
  'group.consumer.heartbeat.interval.ms': 1_000,
  'broker.heartbeat.interval.ms': 500,
  'broker.session.timeout.ms': 4_000,
  'controller.quorum.election.timeout.ms': 1_000,
  'controller.quorum.fetch.timeout.ms': 2_000,
  'replica.lag.time.max.ms': 5_000,
  'controlled.shutdown.enable': 'true',
  'num.network.threads': 1,
  'num.io.threads': 4,
  'background.threads': 2,
  'num.recovery.threads.per.data.dir': 1,
  'log.cleaner.threads': 1,
  'log.cleaner.dedupe.buffer.size': 4_194_304, // 128 MB by default, half of the heap
  'log.segment.bytes': 67_108_864,
  'log.index.size.max.bytes': 1_048_576,
  'socket.send.buffer.bytes': 262_144,
  'socket.receive.buffer.bytes': 262_144,
};
