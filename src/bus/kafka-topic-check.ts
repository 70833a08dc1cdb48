/** Looks at topics that were there before us: what is not as we would have made it is worth a warning, not a refusal. */
import { type Admin, ConfigResourceTypes } from '@platformatic/kafka';
import { asBusFault, withDeadline } from './kafka-connection.ts';
import type { TopicPlan } from './topics.ts';

const CALL_MS = 15_000;

/** What is wrong with the topics of `plans`, each with a remedy. All of them must be there. */
export async function topicWarnings(admin: Admin, plans: readonly TopicPlan[]): Promise<readonly string[]> {
  if (plans.length === 0) return [];
  try {
    return await lookedAt(admin, plans);
  } catch (error) {
    return [`the topics' settings could not be looked at: ${asBusFault(error).message}`];
  }
}

async function lookedAt(admin: Admin, plans: readonly TopicPlan[]): Promise<readonly string[]> {
  const names = plans.map(({ topic }) => topic);
  const resources = names.map((resourceName) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName }));
  const [{ topics }, described] = await Promise.all([
    withDeadline('metadata', CALL_MS, admin.metadata({ topics: names })),
    withDeadline('settings of topics', CALL_MS, admin.describeConfigs({ resources })),
  ]);
  return plans.flatMap((plan) => {
    const configs = described.find(({ resourceName }) => resourceName === plan.topic)?.configs ?? [];
    const found = new Map(configs.map(({ name, value }) => [name, value ?? '']));
    return differences(plan, topics.get(plan.topic)?.partitionsCount ?? plan.partitions, found);
  });
}

function differences(
  { topic, partitions, configs }: TopicPlan,
  found: number,
  settings: ReadonlyMap<string, string>,
): readonly string[] {
  const few =
    found < partitions
      ? [
          `${topic} has ${found} partitions: kafka-topics.sh --alter --topic ${topic} --partitions ${partitions}`,
        ]
      : [];
  const wrong = Object.entries(configs).flatMap(([name, wanted]) => {
    const is = settings.get(name);
    if (is === undefined || isGoodEnough(name, is, wanted)) return [];
    const remedy = `kafka-configs.sh --alter --topic ${topic} --add-config ${name}=${wanted}`;
    return [`${topic} has ${name}=${is}: ${remedy}`];
  });
  return [...few, ...wrong];
}

/** What is kept for longer, or by more, is no worse. */
function isGoodEnough(name: string, is: string, wanted: string): boolean {
  if (name === 'retention.ms') return Number(is) === -1 || (wanted !== '-1' && Number(is) >= Number(wanted));
  if (name === 'min.insync.replicas') return Number(is) >= Number(wanted);
  return is === wanted;
}
