/**
 * A consumer of `orders.created` in the group `risk-engine`: counts each order once, whatever comes again, and prints
 * the exposure per symbol. Start it as often as you like on one file: the members of the group share the
 * partitions, and what one has counted the next one must know when a partition comes to it.
 */
import { Consumer, type Message } from '@platformatic/kafka';
import { readOrder } from './envelope.ts';
import { Ledger, type OrderCreated, type SetAside } from './ledger.ts';

const BATCH_MAX = 500;
/** A batch that is not full waits no longer than this, in milliseconds. */
const BATCH_MS = 100;

/** No more is read while so many batches wait for the disk. */
const BATCHES_MAX = 4;

type Incoming = Message<Buffer, Buffer, Buffer, Buffer>;

const {
  KAFKA_BROKERS = '127.0.0.1:9092',
  RISK_ENGINE_FILE = 'risk-engine.db',
  RISK_ENGINE_TOPIC = 'orders.created',
  RISK_ENGINE_GROUP = 'risk-engine',
} = process.env;

const ledger = new Ledger(RISK_ENGINE_FILE);
const consumer = new Consumer({
  clientId: 'risk-engine',
  groupId: RISK_ENGINE_GROUP,
  bootstrapBrokers: KAFKA_BROKERS.split(','),
  sessionTimeout: 6_000,
  heartbeatInterval: 1_000,
});
const stream = await consumer.consume({
  topics: [RISK_ENGINE_TOPIC],
  mode: 'committed',
  fallbackMode: 'earliest', // a group that never read begins with what the topic still has
  autocommit: false,
});

let waiting: Incoming[] = [];
let timer: NodeJS.Timeout | undefined;
/** Batches one after the other: an offset is committed when all before it is on disk. */
let work = Promise.resolve();
let batches = 0;

stream.on('data', (message: Incoming) => {
  waiting.push(message);
  if (waiting.length >= BATCH_MAX) take();
  else timer ??= setTimeout(take, BATCH_MS);
});
stream.on('error', fail);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop());

function take(): void {
  clearTimeout(timer);
  timer = undefined;
  const batch = waiting;
  waiting = [];
  batches += 1;
  if (batches >= BATCHES_MAX) stream.pause();
  work = work.then(() => count(batch)).then(goOn, fail);
}

function goOn(): void {
  batches -= 1;
  if (batches < BATCHES_MAX) stream.resume();
}

/** First the disk, then the offset: what lies between comes again, and its ids are known. */
async function count(batch: readonly Incoming[]): Promise<void> {
  const orders: OrderCreated[] = [];
  const poison: SetAside[] = [];
  for (const { topic, partition, offset, value } of batch) {
    const read = readOrder(value);
    if (typeof read !== 'string') orders.push(read);
    else poison.push({ topic, partition, offset, reason: read });
  }
  const fresh = ledger.count(orders, poison);
  for (const { topic, partition, offset, reason } of poison)
    process.stderr.write(`set aside: ${topic} ${partition} @ ${offset}: ${reason}\n`);
  const last = new Map(batch.map((message) => [message.partition, message]));
  try {
    for (const message of last.values()) await message.commit();
  } catch (error) {
    // Another member has the partition now, or the broker is away: what is not committed comes again, and is known.
    process.stderr.write(`offsets were not committed: ${String(error)}\n`);
  }
  if (fresh > 0) print();
}

function print(): void {
  const lines = ledger
    .exposures()
    .map(({ symbol, orders, units, notional }) =>
      [symbol.padEnd(8), `${orders} orders`.padStart(14), units.padStart(20), notional.padStart(24)].join(
        ' ',
      ),
    );
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

async function stop(): Promise<void> {
  await stream.close();
  if (waiting.length > 0) take();
  await work;
  await consumer.close(true);
  ledger.close();
  process.exit(0);
}

/** Whoever starts it starts it again: it goes on where it was. */
function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
