/** Kafka: each broker that is named, the cluster behind them, and the topics that carry commands and facts. */
import { Admin, type ClusterMetadata } from '@platformatic/kafka';
import { asBusFault, baseOptions, discard, nameOf, withDeadline } from '../../bus/kafka-connection.ts';
import { topicWarnings } from '../../bus/kafka-topic-check.ts';
import { refuseOld } from '../../bus/kafka-topics.ts';
import { COMMANDS, type TopicPlan, topicPlans } from '../../bus/topics.ts';
import type { Fault } from '../../faults/fault.ts';
import type { Config } from '../config.ts';
import { isOneOfMany, shardsOf } from '../roles.ts';
import { bad, type Examination, type Finding, ok, warn } from './finding.ts';

const KAFKA = 'kafka';
const TOPICS = 'topics';
const CALL_MS = 8_000;

export const examineKafka: Examination = async ({ config }) => {
  if (!isOneOfMany(config)) return [ok(KAFKA, 'none is set: one process does everything')];
  const asked = await Promise.all(config.KAFKA_BROKERS.map((broker) => ask(config, broker)));
  const answered = asked.filter((one) => 'cluster' in one);
  const findings: Finding[] = asked.map((one) =>
    'cluster' in one ? ok(KAFKA, `${one.broker} answers`) : judgeSilent(one, answered.length > 0),
  );
  const [first] = answered;
  if (first === undefined) return findings;
  if (new Set(answered.map(({ cluster }) => cluster.id)).size > 1) {
    findings.push(bad(KAFKA, 'KAFKA_BROKERS are of several clusters', 'name brokers of one cluster'));
  }
  findings.push(...judgeCopies(first.cluster), ...(await examineTopics(config, first.broker, first.cluster)));
  return findings;
};

/** The id of the cluster that answers. @throws Fault BUS_UNAVAILABLE, BUS_INVALID */
export async function clusterOf(config: Config): Promise<string> {
  return await Promise.any(
    config.KAFKA_BROKERS.map((broker) =>
      withAdmin(config, broker, async (admin) => (await metadataOf(admin, [])).id),
    ),
  );
}

type Answer =
  | { readonly broker: string; readonly cluster: ClusterMetadata }
  | { readonly broker: string; readonly fault: Fault };

/** This broker itself, and no other that it knows of. */
async function ask(config: Config, broker: string): Promise<Answer> {
  try {
    const cluster = await withAdmin(config, broker, async (admin) => {
      await refuseOld(admin);
      return await metadataOf(admin, []);
    });
    return { broker, cluster };
  } catch (error) {
    return { broker, fault: asBusFault(error) };
  }
}

async function withAdmin<T>(config: Config, broker: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Admin({ ...baseOptions(settingsOf(config, broker)), retries: 0 });
  try {
    return await work(admin);
  } finally {
    discard(() => admin.close());
  }
}

const settingsOf = (config: Config, broker: string) => ({
  brokers: [broker],
  username: config.KAFKA_USERNAME,
  password: config.KAFKA_PASSWORD,
  tls: config.KAFKA_TLS,
  prefix: config.KAFKA_PREFIX,
  clientId: 'itirp-doctor',
});

const metadataOf = (admin: Admin, topics: string[]): Promise<ClusterMetadata> =>
  withDeadline('metadata', CALL_MS, admin.metadata({ topics, forceUpdate: true }));

function judgeSilent({ broker, fault }: Extract<Answer, { fault: Fault }>, isEnough: boolean): Finding {
  const says = `${broker}: ${fault.message}`;
  if (fault.code === 'BUS_INVALID') return bad(KAFKA, says, 'put right what it names');
  const remedy = 'start it, or name one that runs in KAFKA_BROKERS';
  return isEnough ? warn(KAFKA, says, remedy) : bad(KAFKA, says, remedy);
}

function judgeCopies({ brokers }: ClusterMetadata): readonly Finding[] {
  if (brokers.size > 2) return [ok(KAFKA, `the cluster has ${brokers.size} brokers`)];
  const says = `the cluster has ${brokers.size} ${brokers.size === 1 ? 'broker' : 'brokers'}: when one fails, commands wait`;
  return [warn(KAFKA, says, 'run three, with copies of every topic on each')];
}

async function examineTopics(
  config: Config,
  broker: string,
  cluster: ClusterMetadata,
): Promise<readonly Finding[]> {
  const shards = shardsOf(config).length;
  const plans = topicPlans(shards, cluster.brokers.size, config.KAFKA_REPLICATION).map((plan) => ({
    ...plan,
    topic: nameOf(settingsOf(config, broker), plan.topic),
  }));
  try {
    return await withAdmin(config, broker, async (admin) => {
      const present = new Set(await withDeadline('list of topics', CALL_MS, admin.listTopics()));
      const there = plans.filter(({ topic }) => present.has(topic));
      const missing = plans.filter(({ topic }) => !present.has(topic));
      const described = await metadataOf(
        admin,
        there.map(({ topic }) => topic),
      );
      const findings = [
        ...judgeMissing(missing),
        ...(await topicWarnings(admin, there)).map((says) => judgeTopic(config, says)),
        ...judgePartitions(described),
      ];
      return findings.length > 0 ? findings : [ok(TOPICS, `${plans.length} are there, as they should be`)];
    });
  } catch (error) {
    return [
      bad(TOPICS, `could not be looked at: ${asBusFault(error).message}`, 'grant the user DESCRIBE on them'),
    ];
  }
}

function judgeMissing(missing: readonly TopicPlan[]): readonly Finding[] {
  if (missing.length === 0) return [];
  const names = missing.map(({ topic }) => topic).join(', ');
  return [warn(TOPICS, `not there yet: ${names}`, 'the first start makes them; or make them yourself')];
}

/** Too few partitions for the commands keep a node from starting; the rest it starts with. */
function judgeTopic(config: Config, says: string): Finding {
  const colon = says.indexOf(': ');
  const [what, remedy] = [says.slice(0, colon), says.slice(colon + 2)];
  const isCommands = says.startsWith(`${nameOf({ prefix: config.KAFKA_PREFIX }, COMMANDS)} has `);
  return isCommands && / partitions$/.test(what) ? bad(TOPICS, what, remedy) : warn(TOPICS, what, remedy);
}

function* judgePartitions({ brokers, topics }: ClusterMetadata): Generator<Finding> {
  for (const [topic, { partitions }] of topics) {
    const leaderless = partitions.filter(({ leader }) => leader < 0).length;
    const lagging = partitions.filter(({ replicas, isr }) => isr.length < replicas.length).length;
    const alone = partitions.filter(({ replicas }) => replicas.length < 2).length;
    if (leaderless > 0) {
      yield bad(
        TOPICS,
        `${topic}: ${leaderless} partitions have no leader`,
        'bring the brokers that hold them back',
      );
    } else if (lagging > 0) {
      yield warn(
        TOPICS,
        `${topic}: ${lagging} partitions lack a copy just now`,
        'bring the missing broker back',
      );
    }
    if (alone > 0 && brokers.size > 1) {
      yield warn(
        TOPICS,
        `${topic}: ${alone} partitions have no second copy`,
        'kafka-reassign-partitions.sh: to two or three',
      );
    }
  }
}
