/** Makes the topics that are missing, and refuses a cluster that is not what this deployment needs. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from '@platformatic/kafka';
import { Fault } from '../faults/fault.ts';
import { asBusFault, isSaid, TOO_OLD, withDeadline } from './kafka-connection.ts';
import { topicWarnings } from './kafka-topic-check.ts';
import { COMMANDS, type TopicPlan, topicPlans } from './topics.ts';

const CALL_MS = 15_000;
const LOOKS = 20;
const LOOK_MS = 250;
/** What Kafka calls the ends of a partition, in place of a time. */
const LATEST = -1n;
const EARLIEST = -2n;
/** The version of Fetch that Kafka 3.9 and 4.x speak. */
const FETCH_VERSION = 17;

export interface Wants {
  /** How many there are. */
  readonly shards: number;
  /** Copies of a topic that is made; 0: up to three. */
  readonly replication: number;
  /** What a topic is called on this cluster. */
  readonly name: (topic: string) => string;
}

export interface Cluster {
  readonly clusterId: string;
  /** What is not as we would have made it, and does not stop us. */
  readonly warnings: readonly string[];
}

/**
 * Checks the cluster, and makes what is missing.
 * @throws Fault BUS_UNAVAILABLE, or BUS_INVALID with a remedy
 */
export async function prepareCluster(admin: Admin, { shards, replication, name }: Wants): Promise<Cluster> {
  try {
    await refuseOld(admin);
    const { id, brokers } = await withDeadline('metadata', CALL_MS, admin.metadata({ topics: [] }));
    const plans = topicPlans(shards, brokers.size, replication).map((plan) => ({
      ...plan,
      topic: name(plan.topic),
    }));
    const present = new Set(await withDeadline('list of topics', CALL_MS, admin.listTopics()));
    for (const plan of plans) if (!present.has(plan.topic)) await make(admin, plan, brokers.size);
    await refuseFew(admin, name(COMMANDS), shards);
    const older = plans.filter(({ topic }) => present.has(topic));
    return { clusterId: id, warnings: await topicWarnings(admin, older) };
  } catch (error) {
    throw asBusFault(error);
  }
}

/** How many commands `topic` keeps for `shards` shards. @throws Fault BUS_UNAVAILABLE */
export async function commandsOn(admin: Admin, topic: string, shards: number): Promise<number> {
  const offsetsAt = async (timestamp: bigint): Promise<bigint> => {
    const partitions = Array.from({ length: shards }, (_, partitionIndex) => ({ partitionIndex, timestamp }));
    const asked = admin.listOffsets({ topics: [{ name: topic, partitions }] });
    const [found] = await withDeadline('offsets', CALL_MS, asked);
    return (found?.partitions ?? []).reduce((sum, { offset }) => sum + offset, 0n);
  };
  try {
    return Number((await offsetsAt(LATEST)) - (await offsetsAt(EARLIEST)));
  } catch (error) {
    throw asBusFault(error);
  }
}

/** @throws Fault BUS_INVALID: a broker of before Kafka 3.9 */
export async function refuseOld(admin: Admin): Promise<void> {
  const apis = await withDeadline('list of APIs', CALL_MS, admin.listApis());
  const fetch = apis.find(({ name }) => name === 'Fetch');
  if (fetch === undefined || fetch.maxVersion < FETCH_VERSION) throw new Fault('BUS_INVALID', TOO_OLD);
}

async function make(admin: Admin, plan: TopicPlan, brokers: number): Promise<void> {
  const configs = Object.entries(plan.configs).map(([name, value]) => ({ name, value }));
  const { topic, partitions, replicas } = plan;
  try {
    const made = admin.createTopics({ topics: [topic], partitions, replicas, configs });
    await withDeadline(`topic ${topic}`, CALL_MS, made);
  } catch (error) {
    if (isSaid(error, 'TOPIC_ALREADY_EXISTS')) return; // another node was quicker
    if (!isSaid(error, 'INVALID_REPLICATION_FACTOR')) throw error;
    const detail = `${replicas} copies of ${topic} need as many brokers, and ${brokers} are there: set KAFKA_REPLICATION`;
    throw new Fault('BUS_INVALID', detail, { cause: error });
  }
}

/** A partition for each shard; a topic just made is known everywhere a moment later. */
async function refuseFew(admin: Admin, topic: string, shards: number): Promise<void> {
  for (let look = 1; ; look += 1) {
    const partitions = await partitionsOf(admin, topic);
    if (partitions !== undefined && partitions >= shards) return;
    if (partitions !== undefined) {
      const remedy = `kafka-topics.sh --alter --topic ${topic} --partitions ${shards}`;
      const detail = `${topic} has ${partitions} partitions for ${shards} shards: ${remedy}`;
      throw new Fault('BUS_INVALID', detail);
    }
    if (look === LOOKS) throw new Fault('BUS_UNAVAILABLE', `${topic} was made and is not to be seen`);
    await sleep(LOOK_MS);
  }
}

/** Undefined while some partition is not there yet, or has no leader. */
async function partitionsOf(admin: Admin, topic: string): Promise<number | undefined> {
  try {
    const asked = admin.metadata({ topics: [topic], forceUpdate: true });
    const { topics } = await withDeadline('metadata', CALL_MS, asked);
    const found = topics.get(topic);
    return found?.partitions.every(({ leader }) => leader >= 0) === true ? found.partitionsCount : undefined;
  } catch (error) {
    if (/Unknown topic/.test(String(error)) || isSaid(error, 'LEADER_NOT_AVAILABLE')) return undefined;
    throw error;
  }
}
