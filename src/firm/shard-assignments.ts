/** Which shard an account belongs to: decided at its first use, kept in the store, and never changed. */
import { createHash } from 'node:crypto';
import { BoundedMap } from '../cache/bounded-map.ts';
import { assert } from '../core/values/assert.ts';
import type { AccountId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { FirmStore } from './firm-store.ts';

const ACCOUNTS_MAX = 200_000;

export class ShardAssignments {
  readonly #store: Pick<FirmStore, 'assign' | 'assignments'>;
  readonly #shards: readonly string[];
  readonly #known = new BoundedMap<AccountId, string>(ACCOUNTS_MAX);
  /** One question for each account, however many orders wait for it. */
  readonly #asked = new Map<AccountId, Promise<string>>();

  constructor(store: Pick<FirmStore, 'assign' | 'assignments'>, shards: readonly string[]) {
    assert(shards.length > 0, 'a firm has a shard');
    this.#store = store;
    this.#shards = shards;
  }

  /** Reads ahead what is decided already. @throws Fault DATABASE_UNAVAILABLE */
  async start(): Promise<void> {
    for (const [account, shard] of await this.#store.assignments()) this.#known.set(account, shard);
  }

  /**
   * At once where it is known, which is for all but an account's first order here.
   * @throws Fault DATABASE_UNAVAILABLE; SHARD_UNKNOWN: the account's shard is none of this deployment
   */
  shardOf(account: AccountId): string | Promise<string> {
    const shard = this.#known.get(account);
    return shard === undefined ? this.#ask(account) : this.#ours(account, shard);
  }

  #ask(account: AccountId): Promise<string> {
    const underWay = this.#asked.get(account);
    if (underWay !== undefined) return underWay;
    const asking = this.#store
      .assign(account, proposedFor(account, this.#shards))
      .then((shard) => {
        this.#known.set(account, shard);
        return this.#ours(account, shard);
      })
      .finally(() => this.#asked.delete(account));
    this.#asked.set(account, asking);
    return asking;
  }

  #ours(account: AccountId, shard: string): string {
    if (this.#shards.includes(shard)) return shard;
    throw new Fault('SHARD_UNKNOWN', `${shard}, where the account ${account} is kept; name it in SHARDS`);
  }
}

/** Stable: every node proposes the same for an account, so that it matters little who is first. */
export function proposedFor(account: AccountId, shards: readonly string[]): string {
  const digest = createHash('sha256').update(account).digest();
  const shard = shards[digest.readUIntBE(0, 6) % shards.length];
  assert(shard !== undefined, 'a firm has a shard');
  return shard;
}
