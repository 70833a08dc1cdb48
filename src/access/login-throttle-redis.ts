/** Failed logins counted by all nodes together in Redis; each also counts its own, for when Redis is away. */
import { createHash } from 'node:crypto';
import { type Scripts, scriptOf } from '../cache/scripts.ts';
import {
  FIRST_WAIT_MS,
  FREE_FAILURES,
  type LoginThrottle,
  MEMORY_MS,
  type Throttle,
  WAIT_MAX_MS,
} from './login-throttle.ts';
import { RetryLater } from './retry-later.ts';

/** ARGV: failures that cost nothing, the first wait, the longest, the memory. Returns the wait; 0: it was counted. */
const BEGIN = scriptOf(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', KEYS[1], 'failures', 'last')
local failures, last = tonumber(known[1] or '0'), tonumber(known[2] or '0')
if failures >= tonumber(ARGV[1]) then
  local wait = last + math.min(ARGV[2] * 2 ^ (failures - ARGV[1]), ARGV[3]) - now
  if wait > 0 then return math.ceil(wait) end
end
redis.call('HSET', KEYS[1], 'failures', failures + 1, 'last', string.format('%d', now))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 0`);
const UNDO = scriptOf(`
if tonumber(redis.call('HGET', KEYS[1], 'failures') or '0') > 0 then redis.call('HINCRBY', KEYS[1], 'failures', -1) end
return 0`);
const FORGET = scriptOf(`return redis.call('DEL', KEYS[1])`);

export class RedisLoginThrottle implements Throttle {
  readonly #scripts: Scripts;
  readonly #own: LoginThrottle;

  constructor(scripts: Scripts, own: LoginThrottle) {
    this.#scripts = scripts;
    this.#own = own;
  }

  async begin(username: string, address: string): Promise<void> {
    this.#own.check(username, address);
    const costs = [FREE_FAILURES, FIRST_WAIT_MS, WAIT_MAX_MS, MEMORY_MS];
    const answer = await this.#scripts.run(BEGIN, [keyOf(username, address)], costs).catch(() => 0);
    if (Number(answer) > 0) throw new RetryLater('LOGIN_THROTTLED', Number(answer));
    await this.#own.begin(username, address);
  }

  async forget(username: string, address: string): Promise<void> {
    await this.#own.forget(username, address);
    await this.#scripts.run(FORGET, [keyOf(username, address)], []).catch(() => 0);
  }

  async undo(username: string, address: string): Promise<void> {
    await this.#own.undo(username, address);
    await this.#scripts.run(UNDO, [keyOf(username, address)], []).catch(() => 0);
  }
}

/** A digest: people type passwords where the name belongs, and these must not be found in Redis. */
function keyOf(username: string, address: string): string {
  return `login:${createHash('sha256').update(`${username}|${address}`).digest('base64url')}`;
}
