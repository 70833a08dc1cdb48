/** Kafka under load: a broker lost, all of them gone, and commands on the bus that no door would have sent. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SHARDS } from '../../../stack/layout.ts';
import { kill, start } from '../../../stack/operations.ts';
import { TRADERS } from '../../../stack/users.ts';
import { Adversary } from '../adversary.ts';
import type { PlaceAsk } from '../history/record.ts';
import { LIMITS, moreKnown } from '../house-under-load.ts';
import type { Load } from '../load/load.ts';
import { Trial } from './trial.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await Trial.open();
});
afterEach(() => trial.restore());
afterAll(() => trial.proveReaders());

test('one broker of three is lost, and comes back', async () => {
  await trial.underLoad(
    'loss of a broker',
    async (load) => {
      await kill(trial.stack, 'kafka-2');
      await moreKnown(load, 60);
      await sleep(3_000);
      await start(trial.stack, 'kafka-2');
    },
    { measure: 'one broker of three lost' },
  );
});

test('all brokers are gone for a minute', { timeout: 300_000 }, async () => {
  await trial.underLoad(
    'loss of all brokers',
    async () => {
      await kill(trial.stack, 'kafka');
      await sleep(60_000);
      await start(trial.stack, 'kafka');
    },
    { rate: 15, measure: 'all brokers gone for 60 s and the time they take to start' },
  );
});

test('commands that come twice, too late, or not to be read: each is taken once or not at all', async () => {
  const before = await deadLetters(); // a stack that is kept has those of earlier runs
  await trial.underLoad('adversary', async (load) => {
    await load.setLimits(ROOMY); // what earlier trials hold may fill the usual ones, and each order here must pass
    const adversary = new Adversary(trial.stack.kafka.addresses, SHARDS, load.history);
    const shards = await trial.query<{ account: string; shard: string }>(
      'select account, shard from shard_assignments',
    );
    try {
      for (const { username, account } of TRADERS) {
        const shard = shards.find((row) => row.account === account)?.shard;
        if (shard === undefined) throw new Error(`${account} has no shard`);
        await trouble(load, adversary, { user: username, account, shard });
      }
    } finally {
      await adversary.close();
    }
  });
  const buried = async (): Promise<number> => (await deadLetters()) - before;
  await expect.poll(buried, { timeout: 30_000 }).toBeGreaterThanOrEqual(3 * 8);
});

/** Limits that no trial comes near; the load deals the usual ones again at its end. */
const ROOMY = { ...LIMITS, max_net_exposure: '900000000', max_gross_exposure: '900000000' };

/** A stack that is kept knows the client order ids of earlier runs. */
const RUN = `adversary-${Date.now().toString(36)}`;

interface Place {
  readonly user: string;
  readonly account: string;
  readonly shard: string;
}

/** Every manner of trouble in one shard; the traders then ask for the same orders at the door, and learn their fate. */
async function trouble(load: Load, adversary: Adversary, { user, account, shard }: Place): Promise<void> {
  const place = { account, shard };
  const twice = adversary.placing({ ...place, ask: ask(user, 'twice'), deadlineMs: 10_000 });
  await adversary.send(twice, 5);
  const late = adversary.placing({ ...place, ask: ask(user, 'late'), deadlineMs: -1 });
  await adversary.send(late);
  const poison = adversary.placing({ ...place, ask: ask(user, 'poison'), deadlineMs: 10_000 });
  await adversary.poison(shard, poison);
  await adversary.send(twice, 3); // long after, and behind what does not read
  const heard = await Promise.all(['twice', 'late', 'poison'].map((name) => load.resolve(ask(user, name))));
  const bodies = JSON.stringify(heard.map(({ body }) => body)); // they name the rules that refused
  expect(
    heard.map(({ reply }) => reply.code ?? reply.word),
    bodies,
  ).toEqual([
    'CLIENT_ORDER_ID_DUPLICATE', // taken, once
    'APPROVED', // what was too late did not burn the id
    'APPROVED', // nor what could not be read
  ]);
}

const ask = (user: string, name: string): PlaceAsk => ({
  what: 'place',
  user,
  clientOrderId: `${RUN}-${name}`,
  symbol: 'IWM', // nobody else trades it
  side: 'BUY',
  type: 'LIMIT',
  quantity: '1',
  price: '20.00', // far from the market: it rests
});

/** How many messages lie in the topic for what does not read. */
async function deadLetters(): Promise<number> {
  const { Admin } = await import('@platformatic/kafka');
  const { DEAD } = await import('../../../src/bus/topics.ts');
  const admin = new Admin({ clientId: 'adversary', bootstrapBrokers: [...trial.stack.kafka.addresses] });
  try {
    const listed = await admin.listOffsets({
      topics: [{ name: DEAD, partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
    });
    return Number(listed[0]?.partitions[0]?.offset ?? 0n);
  } finally {
    await admin.close();
  }
}
