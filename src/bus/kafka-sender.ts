/** Commands into Kafka: the partition is the shard's place in SHARDS, every copy that counts is written before we answer. */
import { Fault } from '../faults/fault.ts';
import type { CommandSender } from './commands.ts';
import type { Dispatch } from './dispatch.ts';
import { encodeDispatch } from './dispatch-codec.ts';
import { type KafkaSettings, nameOf } from './kafka-connection.ts';
import { KafkaLane } from './kafka-lane.ts';
import { KafkaProducer } from './kafka-producer.ts';
import { COMMANDS, DEAD } from './topics.ts';

export interface KafkaSenderOptions {
  readonly settings: KafkaSettings;
  /** In the order of the partitions. */
  readonly shards: readonly string[];
  /** How long one command may take, in milliseconds. Default 5,000. */
  readonly patienceMs?: number | undefined;
  /** Commands of one shard that may wait. Default 16,384. */
  readonly waitingMax?: number | undefined;
}

const SWEEP_MS = 200;

export class KafkaSender implements CommandSender {
  readonly #producer: KafkaProducer;
  readonly #settings: KafkaSettings;
  readonly #lanes: ReadonlyMap<string, { readonly lane: KafkaLane; readonly partition: number }>;
  readonly #dead: KafkaLane;
  readonly #sweeping: NodeJS.Timeout;

  constructor({ settings, shards, patienceMs = 5_000, waitingMax = 16_384 }: KafkaSenderOptions) {
    this.#settings = settings;
    this.#producer = new KafkaProducer(settings);
    const newLane = (): KafkaLane =>
      new KafkaLane({ post: (letters) => this.#producer.post(letters), patienceMs, waitingMax });
    this.#lanes = new Map(shards.map((shard, partition) => [shard, { lane: newLane(), partition }]));
    this.#dead = newLane();
    const lanes = [...this.#lanes.values()].map(({ lane }) => lane).concat(this.#dead);
    this.#sweeping = setInterval(() => {
      for (const lane of lanes) lane.sweep();
    }, SWEEP_MS).unref();
  }

  /** Also @throws Fault SHARD_UNKNOWN, and COMMAND_INVALID: no engine would take it */
  async send(dispatch: Dispatch): Promise<void> {
    const found = this.#lanes.get(dispatch.shard);
    if (found === undefined) throw new Fault('SHARD_UNKNOWN', dispatch.shard);
    const value = encodeDispatch(dispatch);
    const { lane, partition } = found;
    await lane.send({
      topic: nameOf(this.#settings, COMMANDS),
      partition,
      key: Buffer.from(dispatch.shard),
      value,
    });
  }

  /** Keeps aside what does not read. @throws Fault BUS_UNAVAILABLE or COMMAND_IN_DOUBT */
  async bury(where: string, value: Buffer): Promise<void> {
    await this.#dead.send({
      topic: nameOf(this.#settings, DEAD),
      partition: 0,
      key: Buffer.from(where),
      value,
    });
  }

  close(): void {
    clearInterval(this.#sweeping);
    this.#producer.close();
  }
}
