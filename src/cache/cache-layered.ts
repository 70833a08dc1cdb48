/** A copy in the process in front of a cache that nodes share: short-lived, and dropped when another node writes. */
import { BoundedMap } from './bounded-map.ts';
import type { Cache } from './cache.ts';
import type { Channels } from './channels.ts';

const CHANNEL = 'cache:written';
const KEYS_MAX = 10_000;
/** A copy may be so old, in milliseconds, should the word of a change get lost. */
const COPY_MS = 500;

interface Copy {
  readonly value: string;
  readonly untilMs: number;
}

export class LayeredCache implements Cache {
  readonly #shared: Cache;
  readonly #channels: Channels;
  readonly #node: string;
  readonly #now: () => number;
  readonly #copies = new BoundedMap<string, Copy>(KEYS_MAX);
  /** One question for each key, however many ask. A write in the meantime takes it out: its answer is not kept. */
  readonly #asked = new Map<string, Promise<string | undefined>>();
  readonly #unsubscribe: () => void;

  /** `node`: this node's name among the others. `now`: milliseconds on any clock that never runs backwards. */
  constructor(shared: Cache, channels: Channels, node: string, now: () => number = () => performance.now()) {
    this.#shared = shared;
    this.#channels = channels;
    this.#node = node;
    this.#now = now;
    this.#unsubscribe = channels.subscribe(CHANNEL, (message) => this.#hear(message.toString()));
  }

  async get(key: string): Promise<string | undefined> {
    const copy = this.#copies.get(key);
    if (copy !== undefined && copy.untilMs > this.#now()) return copy.value;
    const underWay = this.#asked.get(key);
    if (underWay !== undefined) return underWay;
    const asking = this.#shared.get(key);
    this.#asked.set(key, asking);
    const value = await asking;
    if (this.#asked.get(key) !== asking) return value;
    this.#asked.delete(key);
    if (value !== undefined) this.#copies.set(key, { value, untilMs: this.#now() + COPY_MS });
    return value;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#forget(key);
    this.#copies.set(key, { value, untilMs: this.#now() + Math.min(ttlMs, COPY_MS) });
    await this.#shared.set(key, value, ttlMs);
    this.#tell(key);
  }

  async delete(key: string): Promise<void> {
    this.#forget(key);
    await this.#shared.delete(key);
    this.#forget(key); // what was read meanwhile
    this.#tell(key);
  }

  close(): void {
    this.#unsubscribe();
  }

  #forget(key: string): void {
    this.#copies.delete(key);
    this.#asked.delete(key);
  }

  #tell(key: string): void {
    this.#channels.publish(CHANNEL, Buffer.from(`${this.#node}\n${key}`));
  }

  #hear(message: string): void {
    const line = message.indexOf('\n');
    if (message.slice(0, line) !== this.#node) this.#forget(message.slice(line + 1));
  }
}
