/** Channels over Redis pub/sub, on two connections of their own: one listens, one speaks. */
import type { Redis } from 'ioredis';
import type { Channels } from './channels.ts';
import type { RedisConnection } from './redis.ts';
import { watchLine } from './redis-clients.ts';

type Listener = (message: Buffer) => void;

/** Messages that Redis has not taken yet; what comes on top is not sent. */
const UNSENT_MAX = 10_000;

export class RedisChannels implements Channels {
  readonly #prefix: string;
  readonly #ear: Redis;
  readonly #mouth: Redis;
  readonly #listeners = new Map<string, Set<Listener>>();
  /** Channels that Redis has confirmed on the connection of now. */
  readonly #heard = new Set<string>();
  readonly #watches: readonly (() => void)[];
  #unsent = 0;

  private constructor(prefix: string, ear: Redis, mouth: Redis) {
    this.#prefix = prefix;
    this.#ear = ear;
    this.#mouth = mouth;
    for (const client of [ear, mouth]) client.on('error', () => {}); // `isUp` tells
    ear.on('messageBuffer', (channel: Buffer, message: Buffer) => this.#hear(channel.toString(), message));
    ear.on('close', () => this.#heard.clear());
    ear.on('ready', () => {
      this.#heard.clear();
      for (const channel of this.#listeners.keys()) this.#listenTo(channel);
    });
    this.#watches = [watchLine(ear), watchLine(mouth)];
    for (const client of [ear, mouth]) client.connect().catch(() => {}); // it goes on trying by itself
  }

  /** Connects by itself, now or as soon as Redis is there. */
  static async open(redis: RedisConnection): Promise<RedisChannels> {
    return new RedisChannels(redis.prefix, await redis.line('ear'), await redis.line('mouth'));
  }

  get isUp(): boolean {
    return this.#ear.status === 'ready' && this.#heard.size === this.#listeners.size;
  }

  publish(channel: string, message: Buffer): void {
    if (this.#mouth.status !== 'ready' || this.#unsent >= UNSENT_MAX) return;
    this.#unsent++;
    const done = (): void => {
      this.#unsent--;
    };
    this.#mouth.publish(this.#prefix + channel, message).then(done, done);
  }

  subscribe(channel: string, listener: Listener): () => void {
    const own: Listener = (message) => listener(message); // the same function may listen twice
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(own));
    if (listeners.size === 1) this.#listenTo(channel);
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#leave(channel);
    };
  }

  close(): void {
    for (const stop of this.#watches) stop();
    for (const client of [this.#ear, this.#mouth]) client.disconnect();
  }

  #listenTo(channel: string): void {
    if (this.#ear.status !== 'ready') return; // once it is
    const confirmed = (): void => {
      if (this.#listeners.has(channel)) this.#heard.add(channel);
    };
    this.#ear.subscribe(this.#prefix + channel).then(confirmed, () => {}); // a broken line: once it is ready again
  }

  #leave(channel: string): void {
    this.#listeners.delete(channel);
    this.#heard.delete(channel);
    if (this.#ear.status === 'ready') this.#ear.unsubscribe(this.#prefix + channel).catch(() => {});
  }

  #hear(channel: string, message: Buffer): void {
    const listeners = this.#listeners.get(channel.slice(this.#prefix.length));
    for (const listener of listeners ?? []) listener(message);
  }
}
