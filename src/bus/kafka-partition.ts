/** One partition of the commands' topic, read by offsets of our own; the library's consumer groups have no part in it. */
import { Consumer } from '@platformatic/kafka';
import { Fault } from '../faults/fault.ts';
import type { Helping } from './kafka-appetite.ts';
import {
  asBusFault,
  baseOptions,
  discard,
  isSaid,
  type KafkaSettings,
  nameOf,
  withDeadline,
} from './kafka-connection.ts';
import { COMMANDS } from './topics.ts';

export interface RawMessage {
  readonly offset: bigint;
  readonly value: Buffer | null;
}

export interface Fetched {
  readonly messages: readonly RawMessage[];
  /** Where to read on. */
  readonly next: bigint;
  /** The offset of the next message to come, as the broker knew when it answered; undefined: it did not say. */
  readonly end: bigint | undefined;
}

const BYTES_MAX = 4 * 1024 * 1024;
const CALL_MS = 6_000;
const EARLIEST = -2n;
const LATEST = -1n;
const CONTROL_BATCH = 0b10_0000;

/** What the broker says when the offset that was asked for is not in the log. */
export const isOutOfRange = (error: unknown): boolean => isSaid(error, 'OFFSET_OUT_OF_RANGE');

export class KafkaPartition {
  readonly #settings: KafkaSettings;
  readonly #partition: number;
  readonly #topic: string;
  #consumer: Consumer | undefined;
  #turn = 0;

  constructor(settings: KafkaSettings, partition: number) {
    this.#settings = settings;
    this.#partition = partition;
    this.#topic = nameOf(settings, COMMANDS);
  }

  /** Offsets of the first message kept, and of the next one to come. @throws Fault BUS_UNAVAILABLE or BUS_INVALID */
  async ends(): Promise<{ readonly first: bigint; readonly next: bigint }> {
    return await this.#attempt(async (consumer) => {
      const first = await this.#offsetAt(consumer, EARLIEST);
      return { first, next: await this.#offsetAt(consumer, LATEST) };
    });
  }

  /**
   * Messages from `offset` on, as soon as there are as many as `helping` asks for; fewer, or none, when its wait is over.
   * @throws the library's error where the offset is out of range; Fault BUS_UNAVAILABLE or BUS_INVALID
   */
  async fetch(offset: bigint, { minBytes, waitMs }: Helping): Promise<Fetched> {
    return await this.#attempt(async (consumer) => {
      const { topics } = await withDeadline(
        'metadata',
        CALL_MS,
        consumer.metadata({ topics: [this.#topic] }),
      );
      const topic = topics.get(this.#topic);
      const leader = topic?.partitions[this.#partition]?.leader;
      if (topic === undefined || leader === undefined || leader < 0) {
        throw new Fault('BUS_UNAVAILABLE', `partition ${this.#partition} of ${this.#topic} has no leader`);
      }
      const wanted = {
        partition: this.#partition,
        currentLeaderEpoch: -1,
        fetchOffset: offset,
        lastFetchedEpoch: -1,
        partitionMaxBytes: BYTES_MAX,
      };
      const asked = consumer.fetch({
        node: leader,
        maxWaitTime: waitMs,
        minBytes,
        maxBytes: BYTES_MAX,
        topics: [{ topicId: topic.id, partitions: [wanted] }],
      });
      return messagesOf(await withDeadline('fetch', waitMs + CALL_MS, asked), offset);
    });
  }

  close(): void {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    if (consumer !== undefined) discard(() => consumer.close(true));
  }

  async #offsetAt(consumer: Consumer, timestamp: bigint): Promise<bigint> {
    const partitions = { [this.#topic]: [this.#partition] };
    const asked = consumer.listOffsets({ topics: [this.#topic], partitions, timestamp });
    const offset = (await withDeadline('offsets', CALL_MS, asked)).get(this.#topic)?.[this.#partition];
    if (offset === undefined || offset < 0n) throw new Fault('BUS_UNAVAILABLE', 'the broker knows no offset');
    return offset;
  }

  /** After any trouble all is forgotten: connections, sessions, and who leads. The next attempt asks another broker. */
  async #attempt<T>(call: (consumer: Consumer) => Promise<T>): Promise<T> {
    const consumer = this.#open();
    try {
      return await call(consumer);
    } catch (error) {
      this.#turn += 1;
      if (this.#consumer === consumer) this.close();
      else discard(() => consumer.close(true));
      throw isOutOfRange(error) ? error : asBusFault(error);
    }
  }

  #open(): Consumer {
    if (this.#consumer !== undefined) return this.#consumer;
    const options = { ...baseOptions(this.#settings, this.#turn), retries: 0, groupId: 'itirp-none' };
    const consumer = new Consumer(options);
    consumer.on('error', () => {}); // every call tells its own
    consumer.topics.track(this.#topic);
    this.#consumer = consumer;
    return consumer;
  }
}

type Response = Awaited<ReturnType<Consumer['fetch']>>;

/** A batch is sent whole: what stands before `offset` in it was taken in before. */
function messagesOf({ responses }: Response, offset: bigint): Fetched {
  const messages: RawMessage[] = [];
  let next = offset;
  let end: bigint | undefined;
  for (const { partitions } of responses) {
    for (const { records, highWatermark } of partitions) {
      end = highWatermark;
      for (const batch of records ?? []) {
        const isOfKafka = (batch.attributes & CONTROL_BATCH) !== 0;
        const end = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
        if (end > next) next = end;
        for (const { offsetDelta, value } of isOfKafka ? [] : batch.records) {
          const at = batch.firstOffset + BigInt(offsetDelta);
          if (at >= offset) messages.push({ offset: at, value });
        }
      }
    }
  }
  return { messages, next, end };
}
