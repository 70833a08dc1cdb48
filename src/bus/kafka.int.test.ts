import { randomBytes } from 'node:crypto';
import { Admin, Producer } from '@platformatic/kafka';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sharedKafka } from '../../test/kafka-brokers.ts';
import { until } from '../../test/redis.ts';
import { silentLog } from '../telemetry/log.ts';
import type { Received } from './dispatch.ts';
import { type KafkaBus, type KafkaBusOptions, openKafkaBus } from './kafka-bus.ts';
import { placing } from './placing.fixture.ts';

const SHARDS = ['s1', 's2', 's3'];
let brokers: readonly string[] = [];
beforeAll(async () => {
  brokers = await sharedKafka();
}, 150_000);

const newPrefix = (): string => `t${randomBytes(5).toString('hex')}.`;

async function openBus(options: Partial<KafkaBusOptions> = {}): Promise<KafkaBus> {
  const bus = await openKafkaBus({
    brokers,
    clientId: 'test',
    shards: SHARDS,
    replication: 0,
    log: silentLog(),
    prefix: newPrefix(),
    ...options,
  });
  onTestFinished(() => bus.close());
  return bus;
}

/** What a reader was handed, and how to end it. */
function follow(bus: KafkaBus, shard: string, offset?: bigint, source = bus.reader.sourceOf(shard)) {
  const stop = new AbortController();
  const received: Received[] = [];
  const from = offset === undefined ? undefined : { source, offset };
  const take = async (some: readonly Received[]): Promise<void> => void received.push(...some);
  const ended = bus.reader.follow(shard, from, take, stop.signal);
  ended.catch(() => {});
  onTestFinished(() => stop.abort());
  return { received, ended, stop };
}

describe('commands', () => {
  test('a thousand at once come to their shard in the order they were sent, marked by where to go on', async () => {
    const bus = await openBus();
    const sent = Array.from({ length: 1_000 }, () => placing({}, { shard: 's2' }));
    await Promise.all(sent.map((one) => bus.sender.send(one)));
    const { received } = follow(bus, 's2');
    await until('all have come', () => received.length === sent.length);
    expect(received.map(({ dispatch }) => dispatch)).toEqual(sent);
    expect(received.at(-1)?.mark).toEqual({ source: bus.reader.sourceOf('s2'), offset: 1_000n });
    expect(bus.reader.sourceOf('s2')).toMatch(/^[\w-]{22}\/.*itirp\.commands\/1$/);
  });

  test('a reader goes on in the middle of a batch, and nothing comes twice', async () => {
    const bus = await openBus();
    const sent = Array.from({ length: 20 }, () => placing());
    await Promise.all(sent.map((one) => bus.sender.send(one)));
    const { received } = follow(bus, 's1', 13n);
    await until('the rest has come', () => received.length === 7);
    await bus.sender.send(placing());
    await until('the next one has come', () => received.length === 8);
    expect(received.slice(0, 7).map(({ dispatch }) => dispatch)).toEqual(sent.slice(13));
    expect(received.at(-1)?.mark.offset).toBe(21n);
  });

  test('a reader waits for what it handed over to be taken', async () => {
    const bus = await openBus();
    for (let i = 0; i < 5; i += 1) await bus.sender.send(placing());
    const gate = Promise.withResolvers<void>();
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    let handed = 0;
    const take = async (some: readonly Received[]): Promise<void> => {
      handed += some.length;
      await gate.promise;
    };
    bus.reader.follow('s1', undefined, take, stop.signal).catch(() => {});
    await until('the first came', () => handed === 5);
    expect(bus.reader.behind).toEqual(new Map([['s1', 5]])); // they are handed over, and not taken in
    for (let i = 0; i < 5; i += 1) await bus.sender.send(placing());
    expect(handed).toBe(5);
    // The broker answers as soon as there is one more: of how many more it tells then is the broker's affair.
    await until('the broker has told of others', () => (bus.reader.behind.get('s1') ?? 0) > 5);
    gate.resolve();
    await until('the others came', () => handed === 10);
    await until('all is taken in', () => bus.reader.behind.get('s1') === 0);
    stop.abort();
    await until('who reads no more is not behind', () => bus.reader.behind.size === 0);
  });

  test('a shard that nobody knows, and a command that no engine would take, are not sent', async () => {
    const bus = await openBus();
    await expect(bus.sender.send(placing({}, { shard: 's9' }))).rejects.toMatchObject({
      code: 'SHARD_UNKNOWN',
    });
    await expect(bus.sender.send(placing({ strategy: '\n' }))).rejects.toMatchObject({
      code: 'COMMAND_INVALID',
    });
  });
});

describe('where a reader goes on', () => {
  test('beyond the end of the same cluster: it is not the bus that was read before', async () => {
    const bus = await openBus();
    await bus.sender.send(placing());
    await expect(follow(bus, 's1', 5n).ended).rejects.toMatchObject({ code: 'BUS_BEHIND' });
  });

  test('of another cluster: from the first that is kept', async () => {
    const bus = await openBus();
    await bus.sender.send(placing());
    const { received } = follow(bus, 's1', 99n, 'ANOTHER/itirp.commands/0');
    await until('it came', () => received.length === 1);
  });

  test('before what retention has left: from the first that is kept', async () => {
    const prefix = newPrefix();
    const bus = await openBus({ prefix });
    for (let i = 0; i < 4; i += 1) await bus.sender.send(placing());
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...brokers] });
    onTestFinished(() => admin.close());
    const name = `${prefix}itirp.commands`;
    await admin.deleteRecords({ topics: [{ name, partitions: [{ partition: 0, offset: 3n }] }] });
    const { received } = follow(bus, 's1', 1n);
    await until('the last came', () => received.length === 1);
    expect(received[0]?.mark.offset).toBe(4n);
  });
});

test('what does not read is handed over as such, kept aside, and holds nothing up', async () => {
  const prefix = newPrefix();
  const bus = await openBus({ prefix });
  const producer = new Producer({ clientId: 'stranger', bootstrapBrokers: [...brokers] });
  onTestFinished(() => producer.close());
  const topic = `${prefix}itirp.commands`;
  await bus.sender.send(placing());
  await producer.send({ messages: [{ topic, partition: 0, value: Buffer.from('no command') }] });
  await producer.send({ messages: [{ topic, partition: 0, value: Buffer.alloc(0) }] });
  const stray = placing({}, { shard: 's2' });
  const { encodeDispatch } = await import('./dispatch-codec.ts');
  await producer.send({ messages: [{ topic, partition: 0, value: encodeDispatch(stray) }] });
  await bus.sender.send(placing());
  const { received } = follow(bus, 's1');
  await until('all came', () => received.length === 5);
  expect(received.map(({ wrong }) => wrong)).toEqual([
    undefined,
    expect.stringContaining('does not read'),
    'it is empty',
    'it is for shard s2',
    undefined,
  ]);
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...brokers] });
  onTestFinished(() => admin.close());
  const ends = async (): Promise<bigint | undefined> => {
    const found = await admin.listOffsets({
      topics: [{ name: `${prefix}itirp.commands.dead`, partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
    });
    return found[0]?.partitions[0]?.offset;
  };
  await until('three are kept aside', async () => (await ends()) === 3n);
});

describe('a cluster that will not do ends in one clear fault', () => {
  test('nobody at the address', async () => {
    const opening = openBus({ brokers: ['127.0.0.1:1'] });
    await expect(opening).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
  });

  test('fewer partitions than shards', async () => {
    const prefix = newPrefix();
    await openBus({ prefix });
    const opening = openBus({ prefix, shards: [...SHARDS, 's4'] });
    await expect(opening).rejects.toThrow(/3 partitions for 4 shards: kafka-topics.sh --alter/);
    await expect(openBus({ prefix, shards: ['s1'] })).resolves.toBeDefined();
  });

  test('more copies than brokers', async () => {
    await expect(openBus({ replication: 3 })).rejects.toMatchObject({
      code: 'BUS_INVALID',
      message: expect.stringContaining('set KAFKA_REPLICATION'),
    });
  });
});
