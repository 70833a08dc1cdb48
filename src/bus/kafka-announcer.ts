/** Facts into Kafka: idempotent, every copy that counts, many to the request. */
import type { Announcement, Announcer } from './announcer.ts';
import { asBusFault, type KafkaSettings, nameOf } from './kafka-connection.ts';
import { KafkaProducer } from './kafka-producer.ts';
import { Slab } from './slab.ts';

/** Messages of one request: the broker takes as long for a few as for many, and they spread over many partitions. */
const REQUEST_MAX = 3_000;
/** A broker takes no more than 1 MiB for one partition, and all that goes to a topic may go to the same one. */
const TOPIC_BYTES_MAX = 900_000;
/** Key, headers and framing. */
const OVERHEAD_BYTES = 300;
/** A header's value that is no longer than this comes again; ids are longer. */
const KNOWN_LENGTH_MAX = 32;
const KNOWN_MAX = 1_000;
/** The client handles a batch that is packed as one buffer: that saves more time than the packing takes. */
const COMPRESSION = 'lz4';

interface Outgoing {
  readonly topic: string;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: Map<Buffer, Buffer>;
}

type Header = readonly [name: string, value: string];

/** Bytes that the next message may need again: one event goes to two topics, and several to an order. */
interface Last {
  readonly key: string;
  readonly keyBytes: Buffer;
  readonly headers: Announcement['headers'];
  readonly pairs: Map<Buffer, Buffer>;
}

export class KafkaAnnouncer implements Announcer {
  readonly #producer: KafkaProducer;
  readonly #settings: KafkaSettings;
  /** Names, and values that come again, are made into bytes once. */
  readonly #known = new Map<string, Buffer>();
  readonly #slab = new Slab();
  #last: Last | undefined;

  constructor(settings: KafkaSettings) {
    this.#settings = settings;
    this.#producer = new KafkaProducer(settings, COMPRESSION);
  }

  async announce(announcements: readonly Announcement[]): Promise<void> {
    try {
      for (const messages of this.#requests(announcements)) await this.#producer.post(messages);
    } catch (error) {
      throw asBusFault(error);
    } finally {
      this.#last = undefined;
    }
  }

  close(): void {
    this.#producer.close();
  }

  *#requests(announcements: readonly Announcement[]): Generator<Outgoing[]> {
    let messages: Outgoing[] = [];
    const bytes = new Map<string, number>();
    for (const announcement of announcements) {
      const message = this.#message(announcement);
      const size = message.value.length + OVERHEAD_BYTES;
      const isFull = (bytes.get(message.topic) ?? 0) + size > TOPIC_BYTES_MAX;
      if (messages.length > 0 && (isFull || messages.length === REQUEST_MAX)) {
        yield messages;
        messages = [];
        bytes.clear();
      }
      messages.push(message);
      bytes.set(message.topic, (bytes.get(message.topic) ?? 0) + size);
    }
    if (messages.length > 0) yield messages;
  }

  #message({ topic, key, headers, body }: Announcement): Outgoing {
    const last = this.#last;
    const keyBytes = last?.key === key ? last.keyBytes : this.#slab.bytesOf(key);
    const pairs = last?.headers === headers ? last.pairs : new Map(headers.map((one) => this.#header(one)));
    this.#last = { key, keyBytes, headers, pairs };
    return { topic: nameOf(this.#settings, topic), key: keyBytes, value: body, headers: pairs };
  }

  #header([name, value]: Header): [Buffer, Buffer] {
    return [
      this.#again(name),
      value.length > KNOWN_LENGTH_MAX ? this.#slab.bytesOf(value) : this.#again(value),
    ];
  }

  #again(text: string): Buffer {
    let bytes = this.#known.get(text);
    if (bytes === undefined) {
      bytes = Buffer.from(text);
      if (this.#known.size < KNOWN_MAX) this.#known.set(text, bytes);
    }
    return bytes;
  }
}
