/** Every topic there is: what goes over it, and how it is kept. */

export const COMMANDS = 'itirp.commands';
/** What came over the commands' topic and does not read, kept for people. */
export const DEAD = 'itirp.commands.dead';

/** Where the facts are published. */
export const EVENT_TOPICS = [
  'orders.created',
  'orders.executed',
  'risk.violations',
  'audit.events',
  'fills',
  'positions',
  'market.marks',
] as const;
export type EventTopic = (typeof EVENT_TOPICS)[number];

/** The group of all engines of the deployment. */
export const ENGINES = 'itirp-engines';

const DAY_MS = 86_400_000;
/** A topic of events is read by at most so many members of a group at once. */
const EVENT_PARTITIONS = 6;
const KEEP_DAYS = 7;
const KEEP_DEAD_DAYS = 30;
const COPIES_MAX = 3;

export interface TopicPlan {
  readonly topic: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** What is made where it is missing. `replication` 0: as many copies as there are brokers, up to three. */
export function topicPlans(shards: number, brokers: number, replication: number): readonly TopicPlan[] {
  const replicas = replication === 0 ? Math.max(1, Math.min(COPIES_MAX, brokers)) : replication;
  const plan = (topic: string, partitions: number, days: number, more = {}): TopicPlan => ({
    topic,
    partitions,
    replicas,
    configs: {
      'retention.ms': String(days * DAY_MS),
      'min.insync.replicas': String(Math.max(Math.min(2, replicas), replicas - 1)), // one copy alone is none
      'unclean.leader.election.enable': 'false',
      ...more,
    },
  });
  // The newest state of each position is kept for good: whoever comes late finds them all.
  const compact = { 'cleanup.policy': 'compact', 'retention.ms': '-1' };
  return [
    plan(COMMANDS, shards, KEEP_DAYS),
    plan(DEAD, 1, KEEP_DEAD_DAYS),
    ...EVENT_TOPICS.map((topic) =>
      plan(topic, EVENT_PARTITIONS, KEEP_DAYS, topic === 'positions' ? compact : {}),
    ),
  ];
}
