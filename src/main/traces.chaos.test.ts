/** An order through many processes, over real Kafka, Redis and PostgreSQL: one trace, whose spans name each other's parents. */
import { Consumer } from '@platformatic/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../test/client.ts';
import { Collector } from '../../test/collector.ts';
import type { Heard } from '../../test/otlp.ts';
import type { Server } from '../../test/server.ts';
import { Services } from '../../test/services.ts';
import { readTraceparent } from '../telemetry/traceparent.ts';

let services: Services;
let collector: Collector;

beforeAll(async () => {
  services = await Services.start();
  collector = await Collector.start();
});
afterAll(async () => {
  await services?.end();
  await collector?.close();
});

const KEPT = '0192f0aa-1234-7abc-8123-012300000001';
const DROPPED = '0192f0aa-1234-7abc-8123-0123ffffffff';
const traceOf = (correlationId: string): string => correlationId.replaceAll('-', '');

const node = (role: string): Promise<Server> =>
  services.node({
    ROLE: role,
    SHARDS: 'one',
    KAFKA_PREFIX: 'traced.',
    OTEL_SERVICE_NAME: `itirp-${role}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.5',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  });

async function place({ url, token }: Client, correlationId: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/orders`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-correlation-id': correlationId,
    },
    body: JSON.stringify({ symbol: 'AAPL', side: 'BUY', quantity: 100, type: 'MARKET' }),
  });
  expect(await response.json()).toMatchObject({ status: 'APPROVED', correlation_id: correlationId });
}

/** The traceparents that consumers of the news find, by correlation id. */
async function toldOnTheBus(): Promise<ReadonlyMap<string, readonly (string | undefined)[]>> {
  const consumer = new Consumer({
    groupId: 'traces-test',
    clientId: 'traces-test',
    bootstrapBrokers: services.brokers,
  });
  const stream = await consumer.consume({ topics: ['traced.orders.created'], mode: 'earliest' });
  const told = new Map<string, (string | undefined)[]>();
  for await (const { value, headers } of stream) {
    const { correlationid } = JSON.parse(value.toString('utf8')) as { correlationid: string };
    const header = [...headers].find(([name]) => name.toString() === 'traceparent')?.[1];
    told.set(correlationid, [...(told.get(correlationid) ?? []), header?.toString()]);
    if (told.has(KEPT) && told.has(DROPPED)) break;
  }
  await consumer.close(true);
  return told;
}

test('one order is one trace through all processes, and consumers of the news can go on with it', async () => {
  await node('engine');
  await node('projector,publisher');
  const api = await node('api');
  const health = async () => (await fetch(`${api.url}/api/v1/health`)).status;
  await expect.poll(health, { timeout: 30_000 }).toBe(200);
  const trader = await Client.login(api.url, 'trader1');
  await place(trader, DROPPED);
  await place(trader, KEPT);

  // Of the order, and of what the venue said of it: once or twice, as its words fell into batches.
  let trace: readonly Heard[] = [];
  const isWhole = (): boolean => {
    trace = collector.trace(traceOf(KEPT));
    const count = (name: string) => trace.filter((span) => span.name === name).length;
    const appends = count('append journal');
    const readers = ['project facts', 'publish facts'];
    return appends > 1 && readers.every((name) => count(name) === appends) && count('receive answers') === 1;
  };
  await expect.poll(isWhole, { timeout: 30_000 }).toBe(true);
  const the = (name: string): Heard => {
    const [first] = trace.filter((span) => span.name === name);
    expect(first, name).toBeDefined();
    return first as Heard;
  };
  const request = the('POST /api/v1/orders');
  const send = the('send traced.itirp.commands');
  const receive = the('process traced.itirp.commands');
  const decide = the('decide');
  const append = the('append journal');
  const answer = the('send answers');
  const heard = the('receive answers');
  const venue = the('place order');

  expect(request).toMatchObject({ parentId: '', service: 'itirp-api' });
  expect(send).toMatchObject({ parentId: request.spanId, service: 'itirp-api', kind: 4 });
  expect(receive).toMatchObject({ parentId: send.spanId, service: 'itirp-engine', kind: 5 });
  expect(receive.attributes).toMatchObject({
    'messaging.system': 'kafka',
    'messaging.destination.name': 'traced.itirp.commands',
    'messaging.destination.partition.id': '0',
    'messaging.message.id': send.attributes['messaging.message.id'],
  });
  expect(decide).toMatchObject({ parentId: receive.spanId, service: 'itirp-engine' });
  expect(append).toMatchObject({ parentId: receive.spanId, service: 'itirp-engine' });
  expect(answer).toMatchObject({ parentId: receive.spanId, service: 'itirp-engine', kind: 4 });
  expect(heard).toMatchObject({ parentId: request.spanId, service: 'itirp-api', kind: 5 });
  expect(heard.links).toEqual([`${traceOf(KEPT)}/${answer.spanId}`]);
  expect(venue).toMatchObject({ parentId: append.spanId, service: 'itirp-engine' });

  const appends = trace.filter(({ name }) => name === 'append journal').map(({ spanId }) => spanId);
  for (const name of ['project facts', 'publish facts']) {
    const spans = trace.filter((span) => span.name === name);
    expect(spans.map(({ parentId }) => parentId).toSorted()).toEqual(appends.toSorted());
    expect(new Set(spans.map((span) => span.service))).toEqual(new Set(['itirp-projector,publisher']));
  }
  const ids = new Set(trace.map(({ spanId }) => spanId));
  const orphans = trace.filter(({ parentId }) => parentId !== '' && !ids.has(parentId));
  expect(orphans).toEqual([]);

  const told = await toldOnTheBus();
  const published = trace.filter(
    ({ name, parentId }) => name === 'publish facts' && parentId === append.spanId,
  );
  expect(told.get(KEPT)?.map((header) => readTraceparent(header))).toEqual([
    { traceId: traceOf(KEPT), spanId: published[0]?.spanId },
  ]);
  expect(told.get(DROPPED)).toEqual([undefined]);
  expect(collector.trace(traceOf(DROPPED))).toEqual([]);
});
