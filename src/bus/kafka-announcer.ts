/** Facts into Kafka: idempotent, every copy that counts, in requests of a size that the client encodes fast. */
import type { Announcement, Announcer } from './announcer.ts';
import { asBusFault, type KafkaSettings, nameOf } from './kafka-connection.ts';
import { KafkaProducer } from './kafka-producer.ts';

/** Messages of one request. Beyond some hundreds the client's encoding costs more than its share. */
const REQUEST_MAX = 300;

type Header = readonly [name: string, value: string];

export class KafkaAnnouncer implements Announcer {
  readonly #producer: KafkaProducer;
  readonly #settings: KafkaSettings;
  /** Names, and values that come again, are made into bytes once. */
  readonly #bytes = new Map<string, Buffer>();

  constructor(settings: KafkaSettings) {
    this.#settings = settings;
    this.#producer = new KafkaProducer(settings);
  }

  async announce(announcements: readonly Announcement[]): Promise<void> {
    for (let at = 0; at < announcements.length; at += REQUEST_MAX) {
      const some = announcements.slice(at, at + REQUEST_MAX);
      try {
        await this.#producer.post(some.map((one) => this.#message(one)));
      } catch (error) {
        throw asBusFault(error);
      }
    }
  }

  close(): void {
    this.#producer.close();
  }

  #message({ topic, key, headers, body }: Announcement) {
    return {
      topic: nameOf(this.#settings, topic),
      key: Buffer.from(key),
      value: Buffer.from(body),
      headers: new Map(headers.map((header) => this.#header(header))),
    };
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
