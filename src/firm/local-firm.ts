/** The firm where its one engine runs in this process: every answer is exact, and nothing is asked of a network. */
import type { Command } from '../core/commands.ts';
import type { Instrument } from '../core/instruments/instrument.ts';
import { type FirmPosition, positionsOf } from '../core/positions/book.ts';
import { type RiskMetrics, riskMetricsOf } from '../core/risk/metrics.ts';
import type { Micros, OrderId, Ticker } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Attribution, Committed } from '../journal/entry.ts';
import type { ShardCommand } from '../sequencer/carried-out.ts';
import type { Engine, EngineStatus } from '../sequencer/engine.ts';
import type { Firm, Holder, Positions, ShardOutcome } from './firm.ts';
import type { LimitsView } from './shard-view.ts';

export interface LocalFirmOptions {
  readonly shard: string;
  readonly engine: Engine;
  /** What is listed: the doors check steps of price and quantity with it. */
  readonly instrument: (ticker: Ticker) => Instrument | undefined;
}

export class LocalFirm implements Firm {
  readonly home: string;
  readonly #shard: string;
  readonly #engine: Engine;
  readonly #options: LocalFirmOptions;

  constructor(options: LocalFirmOptions) {
    this.#shard = options.shard;
    this.home = options.shard;
    this.#engine = options.engine;
    this.#options = options;
  }

  get status(): EngineStatus {
    return this.#engine.status;
  }

  isOpen(): Promise<boolean> {
    return this.#engine.read((state) => state.isOpen);
  }

  /** All accounts are this shard's. */
  shardOf(): string {
    return this.#shard;
  }

  submit(shard: string, command: Command, by: Attribution): Promise<Committed> {
    if (shard !== this.#shard) return Promise.reject(new Fault('SHARD_UNKNOWN', shard));
    return this.#engine.submit(command, by);
  }

  async submitToAll(
    commandFor: (shard: string) => ShardCommand,
    by: Attribution,
  ): Promise<readonly ShardOutcome[]> {
    const shard = this.#shard;
    try {
      const committed = await this.#engine.submit(commandFor(shard), by);
      return [{ shard, committed, fault: undefined }];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return [{ shard, committed: undefined, fault: error }];
    }
  }

  async limits(): Promise<readonly LimitsView[]> {
    const { limits, isKillSwitchEngaged } = await this.#engine.read((state) => ({
      limits: state.firm.limits,
      isKillSwitchEngaged: state.isKillSwitchEngaged,
    }));
    return [{ shard: this.#shard, at: (Date.now() * 1000) as Micros, limits, isKillSwitchEngaged }];
  }

  /** One shard has all the limits: setting them is one command. */
  dealAlone<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  metrics(): Promise<RiskMetrics> {
    return this.#engine.read(riskMetricsOf);
  }

  positions(): Promise<readonly FirmPosition[]> {
    return this.#engine.read(positionsOf);
  }

  async holderOf(orderId: OrderId): Promise<Holder | undefined> {
    const user = await this.#engine.read((state) => state.orders.get(orderId)?.order.user);
    return user === undefined ? undefined : { user, shard: this.#shard };
  }

  mayWorkUnseen(): boolean {
    return false;
  }

  /** The one writer is here: what it does not know is not there. */
  mayBeUnderWay(): boolean {
    return false;
  }

  instrument(ticker: Ticker): Instrument | undefined {
    return this.#options.instrument(ticker);
  }

  instruments(): Promise<readonly Instrument[]> {
    return this.#engine.read((state) => [...state.instruments.values()]);
  }

  async heads(): Promise<Positions> {
    return new Map([[this.#shard, this.#engine.position]]);
  }
}
