/** An idempotent producer that is thrown away when it hangs: the library retries within it, and may do so for ever. */
import { type MessageToProduce, Producer, type ProducerOptions } from '@platformatic/kafka';
import { baseOptions, discard, type KafkaSettings } from './kafka-connection.ts';
import { partitioner } from './kafka-partitioner.ts';

/** Longer than the library's own retries take: what takes longer has hung. */
const HUNG_MS = 15_000;
const RETRIES = 6;

type Outgoing = MessageToProduce<Buffer, Buffer, Buffer, Buffer>;
/** How a partition's batches are packed. */
type Compression = NonNullable<ProducerOptions<Buffer, Buffer, Buffer, Buffer>['compression']>;

export class KafkaProducer {
  readonly #settings: KafkaSettings;
  readonly #compression: Compression;
  #producer: Producer | undefined;
  /** Requests under way, by the producer they went to. */
  readonly #flying = new Map<Producer, number>();
  #turn = 0;

  constructor(settings: KafkaSettings, compression: Compression = 'none') {
    this.#settings = settings;
    this.#compression = compression;
  }

  /** Resolves when every copy that counts is written. The library's errors come as they are. */
  async post(messages: readonly Outgoing[]): Promise<void> {
    const producer = this.#open();
    let timer: NodeJS.Timeout | undefined;
    const hung = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${HUNG_MS} ms`)), HUNG_MS);
    });
    const sent = producer.send({ messages: [...messages] });
    sent.catch(() => {});
    this.#flying.set(producer, (this.#flying.get(producer) ?? 0) + 1);
    try {
      await Promise.race([sent, hung]);
    } catch (error) {
      this.#drop(producer); // after a failure its sequence numbers may have a gap: a new one begins anew
      throw error;
    } finally {
      clearTimeout(timer);
      this.#landed(producer);
    }
  }

  close(): void {
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer === undefined) return;
    this.#flying.delete(producer);
    discard(() => producer.close(true));
  }

  #open(): Producer {
    this.#producer ??= new Producer({
      ...baseOptions(this.#settings, this.#turn),
      idempotent: true,
      compression: this.#compression,
      producerId: -1n, // none yet: the library would claim to have had number 0
      producerEpoch: -1,
      partitioner: partitioner(), // as Java's clients deal keys out; the library's own takes ten times as long
      retries: RETRIES,
      retryDelay: 250,
    });
    return this.#producer;
  }

  /** It takes no more requests; those of other partitions that are under way may still come to their end. */
  #drop(producer: Producer): void {
    if (this.#producer !== producer) return;
    this.#turn += 1;
    this.#producer = undefined;
  }

  #landed(producer: Producer): void {
    const left = (this.#flying.get(producer) ?? 1) - 1;
    this.#flying.set(producer, left);
    if (left > 0 || this.#producer === producer) return;
    this.#flying.delete(producer);
    discard(() => producer.close(true));
  }
}
