/** The AsyncAPI document of what is published, from the tables that the messages are made by. */
import { EVENT_TOPICS, type EventTopic, topicPlans } from '../../src/bus/topics.ts';
import { VERSION } from '../../src/main/version.ts';
import { EVENT_NAMES, type EventName } from '../../src/projections/expansion.ts';
import { CONTENT_TYPE } from '../../src/publisher/messages.ts';
import { AUDIT, routeOf } from '../../src/publisher/routes.ts';
import {
  EVENTS,
  enveloped,
  eventSchema,
  HEADERS,
  NEWS,
  type NewsName,
  type Schema,
} from './message-schemas.ts';

interface Channel {
  readonly says: string;
  readonly key: string;
  readonly messages: readonly (EventName | NewsName)[];
}

const ORDER_KEY = 'The order id; the shard, where it is about no order.';
const told = (topic: EventTopic): readonly EventName[] =>
  EVENT_NAMES.filter((name) => routeOf(name) === topic);

/** Every topic, and what goes over it. */
const CHANNELS: Readonly<Record<EventTopic, Channel>> = {
  'orders.created': {
    says: 'Every order that was asked for.',
    key: 'The order id.',
    messages: told('orders.created'),
  },
  'orders.executed': {
    says: 'What became of the orders.',
    key: 'The order id.',
    messages: told('orders.executed'),
  },
  'risk.violations': {
    says: 'Orders that our own rules refused, and by which rules.',
    key: 'The order id.',
    messages: told('risk.violations'),
  },
  [AUDIT]: { says: 'Every event there is.', key: ORDER_KEY, messages: EVENT_NAMES },
  fills: { says: 'Every execution, once.', key: 'The order id.', messages: ['ORDER_FILLED'] },
  positions: {
    says: 'Every position after each fill. Compacted: the newest of each is kept for good.',
    key: 'Account and symbol, with a space between.',
    messages: ['POSITION_CHANGED'],
  },
  'market.marks': {
    says: 'The marks that exposures are valued at.',
    key: 'The symbol.',
    messages: ['MARK_SAMPLED'],
  },
};

const DESCRIPTION = `What the publisher tells from the journals of all shards, over Kafka, as CloudEvents 1.0 in structured
mode: a message's body is the envelope, what happened is its \`data\`; the id and the version of the schema stand in the
headers too. Messages are told at least once, in the journal's order for each key; a message that comes again has the same
\`id\`. Amounts are exact decimals as text. Batches are packed with LZ4, which every Kafka client reads. Members may be
added to \`data\` without notice; \`schemaversion\` is raised when one changes or goes.`;

export const asyncApiDocument = (): string => `${JSON.stringify(asyncApi(VERSION), undefined, 2)}\n`;

/** `version`: of the program. */
export function asyncApi(version: string): Schema {
  const channels = Object.fromEntries(EVENT_TOPICS.map((topic) => [topic, channelOf(topic)]));
  const operations = Object.fromEntries(
    EVENT_TOPICS.map((topic) => [
      `publish.${topic}`,
      { action: 'send', channel: { $ref: `#/channels/${topic}` }, summary: CHANNELS[topic].says },
    ]),
  );
  const events = EVENT_NAMES.map((name) => [name, messageOf(name, EVENTS[name].says, eventSchema(name))]);
  const news = Object.entries(NEWS).map(([name, { says, schema }]) => [
    name,
    messageOf(name as NewsName, says, schema),
  ]);
  return {
    asyncapi: '3.0.0',
    info: { title: 'ITIRP events', version, description: DESCRIPTION },
    defaultContentType: CONTENT_TYPE,
    servers: {
      kafka: { host: '{broker}', protocol: 'kafka', variables: { broker: { default: '127.0.0.1:9092' } } },
    },
    channels,
    operations,
    components: { messages: Object.fromEntries([...events, ...news]), schemas: { headers: HEADERS } },
  };
}

function channelOf(topic: EventTopic): Schema {
  const { says, key, messages } = CHANNELS[topic];
  const plan = topicPlans(1, 3, 0).find((one) => one.topic === topic);
  const { partitions, replicas, configs = {} } = plan ?? {};
  return {
    address: topic,
    summary: says,
    description: `Key: ${key}`,
    messages: Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: {
      kafka: {
        topic,
        partitions,
        replicas,
        topicConfiguration: configured(configs),
        bindingVersion: '0.5.0',
      },
    },
  };
}

/** What the binding has words for. */
const configured = (configs: Readonly<Record<string, string>>): Schema => ({
  'cleanup.policy': [configs['cleanup.policy'] ?? 'delete'],
  'retention.ms': Number(configs['retention.ms']),
});

const messageOf = (name: EventName | NewsName, summary: string, data: Schema): Schema => ({
  name: `itirp.${name}`,
  summary,
  contentType: CONTENT_TYPE,
  headers: { $ref: '#/components/schemas/headers' },
  payload: enveloped(name, data),
  bindings: { kafka: { key: { type: 'string' }, bindingVersion: '0.5.0' } },
});
