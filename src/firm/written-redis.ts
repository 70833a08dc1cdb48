/** What each user was answered, shared by all API nodes in Redis for a minute. It says when it may have forgotten. */
import { BoundedMap } from '../cache/bounded-map.ts';
import { type Scripts, scriptOf } from '../cache/scripts.ts';
import type { Position, UserId } from '../core/values/names.ts';
import type { Positions } from './firm.ts';
import type { Written } from './written.ts';

/** How long a user's writes are remembered; any view is fresher than that, or its reader is told. */
const MEMORY_MS = 60_000;
const WRITERS_MAX = 20_000;

/** ARGV: the memory, then shards and positions in turn. A position never goes back. */
const NOTE = scriptOf(`
for n = 2, #ARGV, 2 do
  local known = tonumber(redis.call('HGET', KEYS[1], ARGV[n]) or '0')
  if tonumber(ARGV[n + 1]) > known then redis.call('HSET', KEYS[1], ARGV[n], ARGV[n + 1]) end
end
return redis.call('PEXPIRE', KEYS[1], ARGV[1])`);
const READ = scriptOf(`return redis.call('HGETALL', KEYS[1])`);
/** Milliseconds since the first question that this memory was asked: after a flush it begins anew. */
const AGE = scriptOf(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local since = redis.call('GET', KEYS[1])
if since then return now - tonumber(since) end
redis.call('SET', KEYS[1], string.format('%d', now))
return 0`);

export class RedisWritten implements Written {
  readonly #scripts: Scripts;
  readonly #memoryMs: number;
  readonly #own = new BoundedMap<UserId, Map<string, Position>>(WRITERS_MAX);
  /** What is to be told, user by user; one telling at a time, so that a burst of one user's orders is one of them. */
  readonly #untold = new Map<UserId, Map<string, Position>>();
  #telling: Promise<void> = Promise.resolve();

  /** `memoryMs`: for tests. */
  constructor(scripts: Scripts, memoryMs: number = MEMORY_MS) {
    this.#scripts = scripts;
    this.#memoryMs = memoryMs;
  }

  note(user: UserId, shard: string, position: Position): void {
    raise(this.#own, user, shard, position);
    this.#owe(user, shard, position);
    if (this.#scripts.isUp) this.#telling = this.#telling.then(() => this.#tell());
  }

  /** Resolves when other nodes can know all that was noted, or Redis did not take it. Never rejects. */
  told(): Promise<void> {
    return this.#telling;
  }

  async of(user: UserId): Promise<Positions | undefined> {
    const shared = await this.#shared(user).catch(() => undefined);
    if (shared === undefined) return undefined;
    for (const [shard, position] of this.#own.get(user) ?? []) {
      if ((shared.get(shard) ?? 0) < position) shared.set(shard, position);
    }
    return shared;
  }

  async #tell(): Promise<void> {
    if (this.#untold.size === 0 || !this.#scripts.isUp) return; // told with another, or to be told with a later one
    const told = [...this.#untold];
    this.#untold.clear();
    const notes = told.map(([user, positions]) => {
      const args = [this.#memoryMs, ...[...positions].flat()];
      return this.#scripts.run(NOTE, [keyOf(user)], args).catch(() => {
        for (const [shard, position] of positions) this.#owe(user, shard, position);
      });
    });
    await Promise.all(notes);
  }

  /** To be told, now or with the next note after Redis is back. */
  #owe(user: UserId, shard: string, position: Position): void {
    if (this.#untold.size < WRITERS_MAX || this.#untold.has(user)) raise(this.#untold, user, shard, position);
  }

  /** Undefined: something of the last minute may be missing. @throws Fault CACHE_UNAVAILABLE */
  async #shared(user: UserId): Promise<Map<string, Position> | undefined> {
    const [ageMs, answer] = await Promise.all([
      this.#scripts.run(AGE, ['written-since'], []),
      this.#scripts.run(READ, [keyOf(user)], []),
    ]);
    const isWhole = Number(ageMs) >= this.#memoryMs && this.#scripts.steadyForMs() >= this.#memoryMs;
    if (!isWhole || !Array.isArray(answer)) return undefined;
    const texts = answer.map(String);
    const positions = new Map<string, Position>();
    for (let n = 0; n + 1 < texts.length; n += 2)
      positions.set(texts[n] ?? '', Number(texts[n + 1]) as Position);
    return positions;
  }
}

const keyOf = (user: UserId): string => `written:${user}`;

interface Book {
  get(user: UserId): Map<string, Position> | undefined;
  set(user: UserId, positions: Map<string, Position>): unknown;
}

function raise(book: Book, user: UserId, shard: string, position: Position): void {
  const known = book.get(user);
  if (known === undefined) book.set(user, new Map([[shard, position]]));
  else if ((known.get(shard) ?? 0) < position) known.set(shard, position);
}
