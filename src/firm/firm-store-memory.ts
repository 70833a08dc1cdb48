/** What is kept of the firm, in memory: for tests, and for trying things out. */
import type { Instrument } from '../core/instruments/instrument.ts';
import type { AccountId, Ticker } from '../core/values/names.ts';
import type { Positions } from './firm.ts';
import type { FirmStore } from './firm-store.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { isNewer, type ShardView } from './shard-view.ts';

export class MemoryFirmStore implements FirmStore {
  readonly #assigned = new Map<AccountId, string>();
  readonly #views = new Map<string, ShardView>();
  readonly #listed = new Map<string, Map<Ticker, Instrument>>();
  readonly #heads: () => Positions;
  #isDealing = false;

  /** `heads`: where the journals end. */
  constructor(heads: () => Positions = () => new Map()) {
    this.#heads = heads;
  }

  async assign(account: AccountId, proposed: string): Promise<string> {
    const shard = this.#assigned.get(account) ?? proposed;
    this.#assigned.set(account, shard);
    return shard;
  }
  async assignments(): Promise<ReadonlyMap<AccountId, string>> {
    return new Map(this.#assigned);
  }
  async shards(): Promise<readonly string[]> {
    return [...this.#heads()].filter(([, position]) => position > 0).map(([shard]) => shard);
  }
  async heads(shards: readonly string[]): Promise<Positions> {
    return new Map([...this.#heads()].filter(([shard]) => shards.includes(shard)));
  }
  async view(shard: string): Promise<ShardView | undefined> {
    return this.#views.get(shard);
  }
  async keep(view: ShardView): Promise<boolean> {
    const known = this.#views.get(view.shard);
    if (known !== undefined && isNewer(known, view)) return false;
    this.#views.set(view.shard, view);
    return true;
  }
  async dealAlone<T>(work: () => Promise<T>, patienceMs?: number): Promise<T> {
    const begin = async () => {
      if (this.#isDealing) return undefined;
      this.#isDealing = true;
      return async () => {
        this.#isDealing = false;
      };
    };
    return await oneAtATime(begin, work, patienceMs);
  }
  async listings(shards: readonly string[]): Promise<readonly Instrument[]> {
    const merged = new Map<Ticker, Instrument>();
    for (const shard of [...shards].sort()) {
      for (const [ticker, instrument] of this.#listed.get(shard) ?? []) merged.set(ticker, instrument);
    }
    return [...merged.values()].sort((a, b) => (a.ticker < b.ticker ? -1 : 1));
  }
  async list(shard: string, instruments: readonly Instrument[]): Promise<void> {
    const known = this.#listed.get(shard) ?? new Map<Ticker, Instrument>();
    for (const instrument of instruments) known.set(instrument.ticker, instrument);
    this.#listed.set(shard, known);
  }
}
