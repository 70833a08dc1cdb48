/** The command bus on Kafka: one connection's settings, checked at the start, and the ports that stand on them. */
import { Admin } from '@platformatic/kafka';
import type { Fault } from '../faults/fault.ts';
import type { Log } from '../telemetry/log.ts';
import { baseOptions, discard, type KafkaSettings, nameOf } from './kafka-connection.ts';
import { KafkaMembership } from './kafka-membership.ts';
import { KafkaReader } from './kafka-reader.ts';
import { KafkaSender } from './kafka-sender.ts';
import { type Cluster, commandsOn, prepareCluster, type Wants } from './kafka-topics.ts';
import { KafkaWatch } from './kafka-watch.ts';
import { COMMANDS } from './topics.ts';

export interface KafkaBusOptions extends KafkaSettings {
  /** In the order of the partitions. */
  readonly shards: readonly string[];
  /** Copies of each topic that is made; 0: as many as there are brokers, up to three. */
  readonly replication: number;
  readonly log: Log;
  /** Which bus of its deployment this is: marks of two are never compared, on whichever cluster. Default 0, the first. */
  readonly number?: number;
  /** How long a command may take to be kept, in milliseconds. Default 5,000. */
  readonly sendPatienceMs?: number;
  /** An engine that is not heard of for so long loses its shards, in milliseconds. Default 6,000. */
  readonly sessionMs?: number;
}

export interface KafkaBus {
  /** The cluster's id; of a later bus of the deployment with its number, as `ID~1`. */
  readonly clusterId: string;
  /** How many commands a later bus kept when it was opened, decided or not; 0 of the first. */
  readonly commandsKept: number;
  /** For whoever connects by himself: a thread that tells the news. */
  readonly settings: KafkaSettings;
  readonly sender: KafkaSender;
  readonly reader: KafkaReader;
  readonly membership: KafkaMembership;
  readonly watch: KafkaWatch;
  /** Ends all that was opened; the membership leaves first, if it has joined. */
  close(): Promise<void>;
}

/**
 * Looks at the cluster, makes the topics that are missing, and opens the ports. They connect when they are used.
 * @throws Fault BUS_UNAVAILABLE: no broker answers
 * @throws Fault BUS_INVALID, naming the remedy: credentials, version, partitions, replication
 */
export async function openKafkaBus(options: KafkaBusOptions): Promise<KafkaBus> {
  const { shards, replication, log, sendPatienceMs, sessionMs, number = 0 } = options;
  const { brokers, username, password, tls, clientId, prefix } = options;
  const settings: KafkaSettings = { brokers, username, password, tls, clientId, prefix };
  const admin = new Admin(baseOptions(settings));
  const wants = { shards: shards.length, replication, name: (topic: string) => nameOf(settings, topic) };
  const looked = lookAt(admin, wants, number).finally(() => discard(() => admin.close()));
  const { clusterId: id, warnings, commandsKept } = await looked;
  const clusterId = number === 0 ? id : `${id}~${number}`;
  for (const says of warnings) log.warn({ says }, 'a topic is not as it should be');
  const onFailed = ({ code, message }: Fault, messages: number): void =>
    log.warn({ code, messages, err: message }, 'a request to Kafka failed');
  const sender = new KafkaSender({ settings, shards, patienceMs: sendPatienceMs, onFailed });
  const bury = (where: string, value: Buffer): Promise<void> => sender.bury(where, value);
  const reader = new KafkaReader({ settings, shards, clusterId, log, bury });
  const membership = new KafkaMembership({ settings, shards, log, sessionMs });
  const watch = new KafkaWatch(settings);
  watch.start();
  const close = async (): Promise<void> => {
    watch.stop();
    await membership.leave();
    sender.close();
  };
  return { clusterId, commandsKept, settings, sender, reader, membership, watch, close };
}

/** Only a later bus is asked what it keeps: the first may always have been there before its nodes. */
async function lookAt(
  admin: Admin,
  wants: Wants,
  number: number,
): Promise<Cluster & Pick<KafkaBus, 'commandsKept'>> {
  const cluster = await prepareCluster(admin, wants);
  const kept = number === 0 ? 0 : await commandsOn(admin, wants.name(COMMANDS), wants.shards);
  return { ...cluster, commandsKept: kept };
}
