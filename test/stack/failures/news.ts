/** What was told on the topics, read as any consumer reads it, and held against the journal: nothing may be missing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Consumer } from '@platformatic/kafka';
import type { Evidence } from '../checker/evidence.ts';
import { NEWS_TOPICS, owedNews, ToldNews } from './owed-news.ts';

/** The longest that the publishers may take to catch up once nobody trades, in milliseconds. */
const PATIENCE_MS = 60_000;
const PARTITIONS = 6;
const NEWEST = -1n;
const SHOWN_MAX = 5;

/** Reads on where it read last: a kept stack has told much, and each trial is to read its own part of it. */
export class News {
  readonly #brokers: readonly string[];
  /** Facts from then on are looked for, in milliseconds since 1970. */
  readonly #since: number;
  /** By topic and partition, what is to be read next. */
  readonly #next: Map<string, bigint>;
  readonly #told = new ToldNews();

  private constructor(brokers: readonly string[], next: Map<string, bigint>) {
    this.#brokers = brokers;
    this.#next = next;
    this.#since = Date.now();
  }

  /** From now on. */
  static async open(brokers: readonly string[]): Promise<News> {
    const admin = new Admin({ clientId: 'news-checker', bootstrapBrokers: [...brokers] });
    try {
      const partitions = Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({
        partitionIndex,
        timestamp: NEWEST,
      }));
      const listed = await admin.listOffsets({
        topics: NEWS_TOPICS.map((name) => ({ name, partitions })),
      });
      const ends = listed.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, offset }) => [`${name} ${partitionIndex}`, offset] as const),
      );
      return new News(brokers, new Map(ends));
    } finally {
      await admin.close();
    }
  }

  /**
   * Resolves once the topics have told of every fact since this was opened that belongs on them.
   * @throws Error naming what is missing, or what was told and is not so
   */
  async areWhole(evidence: Evidence): Promise<void> {
    const owed = owedNews(evidence, this.#since);
    if (owed.size === 0) throw new Error('there is nothing to be told of');
    const missing = new Set([...owed].filter((key) => !this.#told.has(key)));
    await this.#readUntil(missing);
    const wrong = [...this.#told.wrong, ...this.#told.strangersTo(evidence)];
    if (wrong.length > 0) throw new Error(`told, and not so: ${wrong.slice(0, SHOWN_MAX).join('; ')}`);
    console.log(`news: ${owed.size} messages owed, ${this.#told.size} told`);
  }

  async #readUntil(missing: Set<string>): Promise<void> {
    const groupId = `news-checker-${Date.now()}`;
    const consumer = new Consumer({
      clientId: 'news-checker',
      groupId,
      bootstrapBrokers: [...this.#brokers],
    });
    try {
      const offsets = [...this.#next].map(([key, offset]) => {
        const [topic = '', partition] = key.split(' ');
        return { topic, partition: Number(partition), offset };
      });
      const topics = [...NEWS_TOPICS];
      const stream = await consumer.consume({ topics, mode: 'manual', offsets, autocommit: false });
      stream.on('data', ({ topic, partition, offset, value }) => {
        this.#next.set(`${topic} ${partition}`, offset + 1n);
        missing.delete(this.#told.note(topic, value.toString('utf8')));
      });
      const deadline = performance.now() + PATIENCE_MS;
      while (missing.size > 0) {
        if (performance.now() > deadline) {
          const few = [...missing].slice(0, SHOWN_MAX).join(', ');
          throw new Error(`${missing.size} messages were never told: ${few}`);
        }
        await sleep(100);
      }
    } finally {
      await consumer.close(true);
    }
  }
}
