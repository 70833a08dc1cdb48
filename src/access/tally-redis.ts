/** The tally in Redis: one number for each key, gone by itself when it is run off. Redis's own clock counts for all. */
import { type Scripts, scriptOf } from '../cache/scripts.ts';
import { type Charge, type Tally, USED_MAX_MS } from './tally.ts';

/** ARGV: what to add, what was used before at least, the most that is remembered; all in milliseconds. */
const CHARGE = scriptOf(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local known = tonumber(redis.call('GET', KEYS[1]) or '0')
local due = math.min(math.max(known, now + ARGV[2]) + ARGV[1], now + ARGV[3])
redis.call('SET', KEYS[1], string.format('%.3f', due), 'PX', math.ceil(due - now) + 1)
return string.format('%.3f', due - now)`);

export class RedisTally implements Tally {
  readonly #scripts: Scripts;
  readonly #name: string;

  /** `name`: tells one allowance from another. */
  constructor(scripts: Scripts, name: string) {
    this.#scripts = scripts;
    this.#name = name;
  }

  get isUp(): boolean {
    return this.#scripts.isUp;
  }

  charge(charges: readonly Charge[]): Promise<readonly number[]> {
    return Promise.all(charges.map((charge) => this.#charge(charge)));
  }

  async #charge({ key, addMs, floorMs }: Charge): Promise<number> {
    const args = [addMs.toFixed(3), floorMs.toFixed(3), USED_MAX_MS];
    return Number(await this.#scripts.run(CHARGE, [`rate:${this.#name}:${key}`], args));
  }
}
