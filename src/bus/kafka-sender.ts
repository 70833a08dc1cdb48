/** Commands into Kafka: the partition is the shard's place in SHARDS, every copy that counts is written before we answer. */
import { Fault } from '../faults/fault.ts';
import type { CommandSender } from './commands.ts';
import type { Dispatch } from './dispatch.ts';
import { encodeDispatch } from './dispatch-codec.ts';
import { type KafkaSettings, nameOf } from './kafka-connection.ts';
import { KafkaLane } from './kafka-lane.ts';
import { KafkaProducer } from './kafka-producer.ts';
import { priorityOf } from './priority.ts';
import { COMMANDS, DEAD } from './topics.ts';

export interface KafkaSenderOptions {
  readonly settings: KafkaSettings;
  /** In the order of the partitions. */
  readonly shards: readonly string[];
  /** How long one command may take, in milliseconds. Default 5,000. */
  readonly patienceMs?: number | undefined;
  /** Commands of one shard that may wait, but for the reserve of those that go first. Default 16,384. */
  readonly waitingMax?: number | undefined;
  /** Hears of each request that failed, and of how many messages. */
  readonly onFailed?: ((fault: Fault, messages: number) => void) | undefined;
}

const SWEEP_MS = 200;
/** Between two looks for who has waited for too long, in milliseconds: that is how late they may be told. */
export const sweepMsFor = (patienceMs: number): number => Math.min(SWEEP_MS, Math.ceil(patienceMs / 8));

/** An idempotent producer has one request under way to each broker: shards that share one wait for each other. */
const PRODUCERS_MAX = 4;

export class KafkaSender implements CommandSender {
  readonly #producers: readonly KafkaProducer[];
  readonly #settings: KafkaSettings;
  readonly #lanes: ReadonlyMap<string, { readonly lane: KafkaLane; readonly partition: number }>;
  readonly #dead: KafkaLane;
  readonly #sweeping: NodeJS.Timeout;

  constructor(options: KafkaSenderOptions) {
    const { settings, shards, patienceMs = 5_000, waitingMax = 16_384, onFailed } = options;
    this.#settings = settings;
    const newLane = (producer: KafkaProducer): KafkaLane =>
      new KafkaLane({ post: (letters) => producer.post(letters), patienceMs, waitingMax, onFailed });
    const count = Math.min(shards.length, PRODUCERS_MAX);
    const producers = Array.from({ length: count }, () => new KafkaProducer(settings));
    const grave = new KafkaProducer(settings); // connects when there is something to bury
    this.#lanes = new Map(
      shards.map((shard, partition) => {
        return [shard, { lane: newLane(producers[partition % count] ?? grave), partition }];
      }),
    );
    this.#dead = newLane(grave);
    this.#producers = [...producers, grave];
    const lanes = [...this.#lanes.values()].map(({ lane }) => lane).concat(this.#dead);
    this.#sweeping = setInterval(() => {
      for (const lane of lanes) lane.sweep();
    }, sweepMsFor(patienceMs)).unref();
  }

  /** Also @throws Fault SHARD_UNKNOWN, and COMMAND_INVALID: no engine would take it */
  async send(dispatch: Dispatch): Promise<void> {
    const found = this.#lanes.get(dispatch.shard);
    if (found === undefined) throw new Fault('SHARD_UNKNOWN', dispatch.shard);
    const value = encodeDispatch(dispatch);
    const { lane, partition } = found;
    const letter = {
      topic: nameOf(this.#settings, COMMANDS),
      partition,
      key: Buffer.from(dispatch.shard),
      value,
    };
    await lane.send(letter, priorityOf(dispatch.command));
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
    for (const producer of this.#producers) producer.close();
  }
}
