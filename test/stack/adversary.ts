/** Writes straight into the commands' topic what no door would: the same command twice, commands too late, and rubbish. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Producer } from '@platformatic/kafka';
import { uuidv7 } from 'uuidv7';
import type { Dispatch } from '../../src/bus/dispatch.ts';
import { encodeDispatch } from '../../src/bus/dispatch-codec.ts';
import { COMMANDS } from '../../src/bus/topics.ts';
import { type Price, parseFixed, type Quantity } from '../../src/core/values/fixed-point.ts';
import type {
  AccountId,
  ClientOrderId,
  CorrelationId,
  Micros,
  OrderId,
  Ticker,
  UserId,
} from '../../src/core/values/names.ts';
import type { PlaceAsk } from './history/record.ts';
import type { HistoryWriter } from './history/writer.ts';

export interface Placing {
  readonly ask: PlaceAsk;
  readonly account: string;
  readonly shard: string;
  /** From now; negative: it has passed. Undefined: never too late. */
  readonly deadlineMs?: number;
}

export class Adversary {
  readonly #producer: Producer;
  readonly #shards: readonly string[];
  readonly #history: HistoryWriter;

  /** `shards` in the order of the partitions. What it places is in the history, its outcome unknown. */
  constructor(brokers: readonly string[], shards: readonly string[], history: HistoryWriter) {
    this.#producer = new Producer({ clientId: 'adversary', bootstrapBrokers: [...brokers], acks: -1 });
    this.#shards = shards;
    this.#history = history;
  }

  /** The command of an order, with an order id of its own, and in the history as asked. */
  placing({ ask, account, shard, deadlineMs }: Placing): Dispatch {
    const correlationId = randomUUID();
    this.#history.invoke(`adversary ${ask.clientOrderId}`, correlationId, ask);
    const now = Date.now() * 1000;
    return {
      commandId: uuidv7(),
      shard,
      command: { type: 'PlaceOrder', order: orderOf(ask, account, correlationId), quote: undefined },
      by: {
        user: ask.user as UserId,
        origin: 'adversary',
        correlationId: correlationId as CorrelationId,
        reason: undefined,
      },
      sentAt: now as Micros,
      deadline: deadlineMs === undefined ? undefined : ((now + deadlineMs * 1000) as Micros),
      replyTo: undefined,
    };
  }

  /** The same bytes, so many times, to the partition of their shard. */
  async send(dispatch: Dispatch, times = 1): Promise<void> {
    const value = encodeDispatch(dispatch);
    await this.#post(
      dispatch.shard,
      Array.from({ length: times }, () => value),
    );
  }

  /** What does not read, in every manner; resolves with how many messages those were. */
  async poison(shard: string, like: Dispatch): Promise<number> {
    const otherShard = this.#shards.find((one) => one !== shard) ?? 'nowhere';
    const stray = encodeDispatch({ ...like, shard: otherShard }); // reads, and is not of this partition
    const values = [...unreadable(encodeDispatch(like)), stray];
    await this.#post(shard, values);
    return values.length;
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }

  async #post(shard: string, values: readonly Buffer[]): Promise<void> {
    const partition = this.#shards.indexOf(shard);
    const key = Buffer.from(shard);
    await this.#producer.send({
      messages: values.map((value) => ({ topic: COMMANDS, partition, key, value })),
    });
  }
}

/** Messages that no reader may take for a command; some are almost `good`. */
export const unreadable = (good: Buffer): readonly Buffer[] => [
  Buffer.alloc(0),
  Buffer.from('{"type":"PlaceOrder"}'),
  randomBytes(300),
  good.subarray(0, good.length - 7),
  Buffer.concat([good, Buffer.from([0])]),
  Buffer.concat([good.subarray(0, 1), Buffer.from([0x7f]), good.subarray(2)]), // another version
  randomBytes(200_000),
];

function orderOf(ask: PlaceAsk, account: string, correlationId: string) {
  return {
    orderId: uuidv7() as OrderId,
    correlationId: correlationId as CorrelationId,
    user: ask.user as UserId,
    account: account as AccountId,
    ticker: ask.symbol as Ticker,
    side: ask.side,
    type: ask.type,
    quantity: exact(ask.quantity) as Quantity,
    price: ask.price === undefined ? undefined : (exact(ask.price) as Price),
    strategy: 'default',
    clientOrderId: ask.clientOrderId as ClientOrderId,
  };
}

function exact(decimal: string): bigint {
  const value = parseFixed(decimal);
  if (typeof value !== 'bigint') throw new TypeError(`${decimal} is no decimal`);
  return value;
}
