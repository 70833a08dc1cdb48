/** Facts into Kafka: idempotent, every copy that counts, many to the request. */
import type { Announcement, Announcer } from './announcer.ts';
import { asBusFault, type KafkaSettings, nameOf } from './kafka-connection.ts';
import { KafkaProducer } from './kafka-producer.ts';

/** Messages of one request: the broker takes as long for a few as for many, and they spread over many partitions. */
const REQUEST_MAX = 3_000;
/** A broker takes no more than 1 MiB for one partition, and all that goes to a topic may go to the same one. */
const TOPIC_BYTES_MAX = 900_000;
/** Key, headers and framing. */
const OVERHEAD_BYTES = 500;

interface Outgoing {
  readonly topic: string;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: Map<Buffer, Buffer>;
}

/** What was made of an announcement. */
interface Encoded extends Pick<Announcement, 'headers' | 'body'> {
  readonly value: Buffer;
  readonly pairs: Map<Buffer, Buffer>;
}

type Header = readonly [name: string, value: string];

export class KafkaAnnouncer implements Announcer {
  readonly #producer: KafkaProducer;
  readonly #settings: KafkaSettings;
  /** Names, and values that come again, are made into bytes once. */
  readonly #bytes = new Map<string, Buffer>();
  #last: Encoded | undefined;

  constructor(settings: KafkaSettings) {
    this.#settings = settings;
    this.#producer = new KafkaProducer(settings);
  }

  async announce(announcements: readonly Announcement[]): Promise<void> {
    try {
      for (const messages of this.#requests(announcements)) await this.#producer.post(messages);
    } catch (error) {
      throw asBusFault(error);
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

  /** One that goes to several topics, one after the other, is made into bytes once. */
  #message({ topic, key, headers, body }: Announcement): Outgoing {
    if (this.#last?.headers !== headers || this.#last.body !== body) {
      this.#last = {
        headers,
        body,
        value: Buffer.from(body),
        pairs: new Map(headers.map((header) => this.#header(header))),
      };
    }
    const { value, pairs } = this.#last;
    return { topic: nameOf(this.#settings, topic), key: Buffer.from(key), value, headers: pairs };
  }

  #header([name, value]: Header): [Buffer, Buffer] {
    return [this.#known(name), value.length > 24 ? Buffer.from(value) : this.#known(value)];
  }

  #known(text: string): Buffer {
    let bytes = this.#bytes.get(text);
    if (bytes === undefined) {
      bytes = Buffer.from(text);
      if (this.#bytes.size < 1_000) this.#bytes.set(text, bytes);
    }
    return bytes;
  }
}
