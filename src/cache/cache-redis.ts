/** The cache in Redis, shared by all nodes. */
import type { Cache } from './cache.ts';
import type { RedisConnection } from './redis.ts';

export class RedisCache implements Cache {
  readonly #redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async get(key: string): Promise<string | undefined> {
    const value = await this.#redis.ask('GET', key).catch(() => undefined);
    return typeof value === 'string' ? value : undefined;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    if (ttlMs < 1) return this.delete(key);
    await this.#redis.ask('SET', key, value, 'PX', Math.floor(ttlMs)).catch(() => undefined);
  }

  async delete(key: string): Promise<void> {
    await this.#redis.ask('DEL', key).catch(() => undefined);
  }
}
