/** What is kept of the firm beside the journals: who belongs to which shard, and how each shard looks from outside. */
import type { Instrument } from '../core/instruments/instrument.ts';
import type { AccountId } from '../core/values/names.ts';
import type { Positions } from './firm.ts';
import type { ShardView } from './shard-view.ts';

/** Every method throws Fault DATABASE_UNAVAILABLE where the store does not answer. */
export interface FirmStore {
  /** The shard that `account` belongs to from now on and for good: `proposed`, unless it has one. */
  assign(account: AccountId, proposed: string): Promise<string>;
  /** Accounts that have their shard, as many as there may be at hand. */
  assignments(): Promise<ReadonlyMap<AccountId, string>>;
  /** The deployment's shards that have a journal, in order: whatever any one node was told of them. */
  shards(): Promise<readonly string[]>;
  /** Newest committed position of those of `shards` that have a journal. */
  heads(shards: readonly string[]): Promise<Positions>;
  /** The newest view that was kept. */
  view(shard: string): Promise<ShardView | undefined>;
  /**
   * Keeps `view` unless a newer one is there; where `isTold`, its metrics as a point of the time series too. Resolves
   * false when a later writer has been there.
   */
  keep(view: ShardView, isTold: boolean): Promise<boolean>;
  /**
   * Does `work`, which deals the firm's limits out to its shards, while nobody else does, on whichever node; tries to
   * begin for `patienceMs` (default 5,000).
   * @throws Fault LIMITS_BUSY: others were at it all the time; and as `work` does
   */
  dealAlone<T>(work: () => Promise<T>, patienceMs?: number): Promise<T>;
  /** What is listed in any of the shards; steps of one ticker that differ are those of the last shard by name. */
  listings(shards: readonly string[]): Promise<readonly Instrument[]>;
  list(shard: string, instruments: readonly Instrument[]): Promise<void>;
}
