/** The firm as the doors see it: every shard of it, wherever its engine runs. */
import type { Command } from '../core/commands.ts';
import type { Instrument } from '../core/instruments/instrument.ts';
import type { AccountId, OrderId, Position, Ticker, UserId } from '../core/values/names.ts';
import type { Fault } from '../faults/fault.ts';
import type { Attribution, Committed } from '../journal/entry.ts';
import type { EngineStatus } from '../sequencer/engine.ts';
import type { ShardView } from './shard-view.ts';

/** Where each shard's journal stood when somebody was answered. A shard that is not named: anywhere. */
export type Positions = ReadonlyMap<string, Position>;

/** What became of a command that was meant for every shard. */
export interface ShardOutcome {
  readonly shard: string;
  /** Undefined: not known to be applied; `fault` says why. It may still be on its way. */
  readonly committed: Committed | undefined;
  readonly fault: Fault | undefined;
}

export interface Firm {
  /** In order; at least one. */
  readonly shards: readonly string[];
  /** `running`: commands are taken. */
  readonly status: EngineStatus;
  /** The risk group that an account belongs to, for good. @throws Fault DATABASE_UNAVAILABLE */
  shardOf(account: AccountId): Promise<string>;
  /**
   * Resolves once the shard has committed what the command brings about.
   * @throws Fault as Engine.submit; BUS_UNAVAILABLE: not sent; COMMAND_IN_DOUBT: sent perhaps, and no answer in time
   */
  submit(shard: string, command: Command, by: Attribution): Promise<Committed>;
  /** To every shard, each with its own fate. Never rejects for one of them. */
  submitToAll(
    commandFor: (shard: string, index: number) => Command,
    by: Attribution,
  ): Promise<readonly ShardOutcome[]>;
  /** The newest views that are at least as fresh as `atLeast`. @throws Fault PROJECTION_BEHIND, DATABASE_UNAVAILABLE */
  views(atLeast: Positions): Promise<readonly ShardView[]>;
  /** Whose working order it is, where that is at hand without waiting; undefined: unknown here or not working. */
  holderOf(orderId: OrderId): Promise<UserId | undefined>;
  /** What is listed, as far as this node knows. */
  instrument(ticker: Ticker): Instrument | undefined;
  instruments(): Promise<readonly Instrument[]>;
  /** Newest committed position of each shard. @throws Fault DATABASE_UNAVAILABLE */
  heads(): Promise<Positions>;
}
