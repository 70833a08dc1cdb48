/** Sessions in Redis, so that any API node takes a refresh token. Nothing in there would let anybody in. */

import { type Scripts, scriptOf } from '../cache/scripts.ts';
import { Fault } from '../faults/fault.ts';
import type { Rotation, SessionStore } from './session-store.ts';

const BEGIN = scriptOf(`return redis.call('SET', KEYS[1], '0 ', 'PX', ARGV[1])`);
/**
 * ARGV: generation, attempt. The value is the newest generation and the attempt that made it, or `ended`. A generation
 * above the newest comes from a copy of Redis that is older than the token: the token is ours, so it counts.
 */
const ROTATE = scriptOf(`
local held = redis.call('GET', KEYS[1])
if not held then return 'unknown' end
local newest, attempt = string.match(held, '^(%d+) (.*)$')
local given = tonumber(ARGV[1])
if newest and given == tonumber(newest) - 1 and attempt == ARGV[2] then return 'rotated' end
if not newest or given < tonumber(newest) then
  redis.call('SET', KEYS[1], 'ended', 'KEEPTTL')
  return 'reused'
end
redis.call('SET', KEYS[1], string.format('%d', given + 1) .. ' ' .. ARGV[2], 'KEEPTTL')
return 'rotated'`);
const END = scriptOf(`return redis.call('SET', KEYS[1], 'ended', 'KEEPTTL', 'XX')`);

export class RedisSessionStore implements SessionStore {
  readonly #scripts: Scripts;

  constructor(scripts: Scripts) {
    this.#scripts = scripts;
  }

  async begin(sessionId: string, lifeMs: number): Promise<void> {
    await this.#scripts.run(BEGIN, [keyOf(sessionId)], [Math.ceil(lifeMs)]);
  }

  async rotate(sessionId: string, generation: number, attempt: string): Promise<Rotation> {
    const answer = await this.#scripts.run(ROTATE, [keyOf(sessionId)], [generation, attempt]);
    if (answer === 'rotated' || answer === 'reused' || answer === 'unknown') return answer;
    throw new Fault('CACHE_UNAVAILABLE', 'a session was not answered for as it must be');
  }

  async end(sessionId: string): Promise<void> {
    await this.#scripts.run(END, [keyOf(sessionId)], []);
  }
}

const keyOf = (sessionId: string): string => `session:${sessionId}`;
