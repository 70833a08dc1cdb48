import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Admin, Producer } from '@platformatic/kafka';
import { expect, onTestFinished, test, vi } from 'vitest';
import { KafkaAnnouncer } from '../../src/bus/kafka-announcer.ts';
import { openKafkaBus } from '../../src/bus/kafka-bus.ts';
import { floor, order } from '../../src/core/testing/story.ts';
import { price } from '../../src/core/values/fixed-point.ts';
import type { CorrelationId, Micros, OrderId, UserId } from '../../src/core/values/names.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { MemoryPublished } from '../../src/publisher/published-memory.ts';
import { Desk } from '../../src/publisher/testing/desk.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { sharedKafka } from '../../test/kafka-brokers.ts';
import { Ledger } from './ledger.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const ORDERS = 2_000;
const PATIENCE = { timeout: 90_000, interval: 50 };

const by = (n: number): Omit<Entry, 'events'> => ({
  at: (1_769_783_400_000_000 + n) as Micros,
  user: 'trader1' as UserId,
  origin: '127.0.0.1',
  correlationId: uuid(n, 'a') as CorrelationId,
  reason: undefined,
});
const uuid = (n: number, kind: string): string =>
  `01900000-0000-7000-${kind}000-${n.toString(16).padStart(12, '0')}`;

/** Buys of 100 AAPL at 150.25, one after the other. */
const history: readonly Entry[] = [
  { ...by(0), events: floor },
  ...Array.from({ length: ORDERS }, (_, i): Entry => {
    const asked = { ...order('any'), orderId: uuid(i, '8') as OrderId, price: price('150.25') };
    const at = price('150.25');
    return {
      ...by(i + 1),
      events: [{ type: 'OrderAccepted', order: asked, mark: at, reservePrice: at, boundPrice: at }],
    };
  }),
];

test('killed in the middle, told everything twice and given poison, it counts each order once', {
  timeout: 180_000,
}, async () => {
  const brokers = await sharedKafka();
  const prefix = `x${randomBytes(5).toString('hex')}.`;
  const file = join(await scratch(), 'risk-engine.db');
  const settings = { brokers, prefix, clientId: 'test', shards: ['s1'], replication: 0, log: silentLog() };
  const bus = await openKafkaBus(settings);
  onTestFinished(() => bus.close());
  const desk = new Desk();
  await desk.write(history, 50);
  const tempo = { messagesMax: 400, checkpointFacts: 1_000, pollMs: 60_000, retryMs: 50, retryMsMax: 500 };
  const announcer = new KafkaAnnouncer(bus.settings);
  onTestFinished(() => announcer.close());
  const options = { announcer, tempo };

  const env = {
    ...process.env,
    KAFKA_BROKERS: brokers.join(','),
    RISK_ENGINE_FILE: file,
    RISK_ENGINE_TOPIC: `${prefix}orders.created`,
    RISK_ENGINE_GROUP: `${prefix}risk-engine`,
  };
  const counted = (): number => {
    const ledger = new Ledger(file);
    const [found] = ledger.exposures();
    ledger.close();
    return found?.orders ?? 0;
  };

  const first = start(env);
  const telling = desk.tellAll(options);
  await vi.waitFor(() => expect(counted()).toBeGreaterThan(0), PATIENCE);
  first.kill('SIGKILL');
  await once(first, 'exit');
  await telling;
  const atDeath = counted();
  await desk.tellAll({ ...options, published: new MemoryPublished() }); // a publisher that has forgotten how far it was
  await poison(brokers, env.RISK_ENGINE_TOPIC);
  const second = start(env);
  // Each order came twice at least, and all of that is read and committed, the poison too.
  await vi.waitFor(
    async () => expect(await committed(brokers, env)).toBeGreaterThanOrEqual(2 * ORDERS + 2),
    PATIENCE,
  );
  expect(atDeath).toBeLessThanOrEqual(ORDERS);
  second.kill('SIGTERM');
  expect(await once(second, 'exit')).toEqual([0, null]);
  const ledger = new Ledger(file);
  expect(ledger.exposures()).toEqual([
    { symbol: 'AAPL', orders: ORDERS, units: `${ORDERS * 100}`, notional: `${ORDERS * 15_025}` },
  ]);
  expect(ledger.setAside().map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/no JSON/),
    expect.stringMatching(/no JSON/),
  ]);
  ledger.close();
});

/** What nobody can read, and a tombstone. */
async function poison(brokers: readonly string[], topic: string): Promise<void> {
  const producer = new Producer({ clientId: 'test', bootstrapBrokers: [...brokers] });
  try {
    const key = Buffer.from('poison');
    await producer.send({ messages: [{ topic, key, value: Buffer.from('{"source":') }] });
    await producer.send({ messages: [{ topic, key }] });
  } finally {
    await producer.close();
  }
}

/** How many messages of the topic the group is done with. */
async function committed(
  brokers: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...brokers] });
  try {
    const [group] = await admin.listConsumerGroupOffsets({ groups: [env.RISK_ENGINE_GROUP ?? ''] });
    const partitions = group?.topics.flatMap((topic) => topic.partitions) ?? [];
    return partitions.reduce((sum, { committedOffset }) => sum + Math.max(0, Number(committedOffset)), 0);
  } finally {
    await admin.close();
  }
}

function start(env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-risk-engine-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
