/** The firm as the doors see it: every shard of it, wherever its engine runs. */
import type { Command } from '../core/commands.ts';
import type { Instrument } from '../core/instruments/instrument.ts';
import type { FirmPosition } from '../core/positions/book.ts';
import type { RiskMetrics } from '../core/risk/metrics.ts';
import type { AccountId, Micros, OrderId, Position, Ticker, UserId } from '../core/values/names.ts';
import type { Fault } from '../faults/fault.ts';
import type { Attribution, Committed } from '../journal/entry.ts';
import type { ShardCommand } from '../sequencer/carried-out.ts';
import type { EngineStatus } from '../sequencer/engine.ts';
import type { LimitsView } from './shard-view.ts';

/** Where each shard's journal stood when somebody was answered. A shard that is not named: anywhere. */
export type Positions = ReadonlyMap<string, Position>;

/** What became of a command that was meant for every shard. */
export interface ShardOutcome {
  readonly shard: string;
  /** Undefined: not known to be applied; `fault` says why. It may still be on its way. */
  readonly committed: Committed | undefined;
  readonly fault: Fault | undefined;
}

/** Whose order it is, and where it works. */
export interface Holder {
  readonly user: UserId;
  readonly shard: string;
  /** Nobody has answered for the order, and until then an engine may still take it in; undefined: it was answered for. */
  readonly pendingUntil?: Micros | undefined;
}

export interface Firm {
  /** Where facts go that belong to no account. */
  readonly home: string;
  /** `running`: commands are taken. */
  readonly status: EngineStatus;
  /** Do orders come through in every shard? @throws Fault naming what does not answer */
  isOpen(): Promise<boolean>;
  /**
   * The risk group that an account belongs to, for good; a promise only where it must be looked up.
   * @throws Fault DATABASE_UNAVAILABLE; SHARD_UNKNOWN: the account's shard is none of this deployment
   */
  shardOf(account: AccountId): string | Promise<string>;
  /**
   * Resolves once the shard has committed what the command brings about.
   * @throws Fault as Engine.submit; BUS_UNAVAILABLE: not sent; COMMAND_IN_DOUBT: sent perhaps, and no answer in time
   */
  submit(shard: string, command: Command, by: Attribution): Promise<Committed>;
  /**
   * To every shard of the firm, each with its own fate, in the order of the shards; also those that this node knows no
   * way to (SHARD_UNKNOWN). Never rejects for one of them.
   */
  submitToAll(commandFor: (shard: string) => ShardCommand, by: Attribution): Promise<readonly ShardOutcome[]>;
  /**
   * The limits in force, shard by shard: the firm's are their sum. At least as fresh as `atLeast`.
   * @throws Fault PROJECTION_BEHIND, DATABASE_UNAVAILABLE
   */
  limits(atLeast: Positions): Promise<readonly LimitsView[]>;
  /**
   * Does `work`, which reads the limits and deals them out anew, while nobody else does.
   * @throws Fault LIMITS_BUSY: others were at it for too long; DATABASE_UNAVAILABLE; and as `work` does
   */
  dealAlone<T>(work: () => Promise<T>): Promise<T>;
  /** The firm's, summed over the shards. @throws Fault PROJECTION_BEHIND, DATABASE_UNAVAILABLE */
  metrics(atLeast: Positions): Promise<RiskMetrics>;
  /** The firm's, summed over the shards. @throws Fault PROJECTION_BEHIND, DATABASE_UNAVAILABLE */
  positions(atLeast: Positions): Promise<readonly FirmPosition[]>;
  /** The working order's, where it is at hand; undefined: it does not work, or nobody here knows. */
  holderOf(orderId: OrderId): Promise<Holder | undefined>;
  /** May an order of this id work that {@link holderOf} does not know of? Where not, nothing needs to be asked. */
  mayWorkUnseen(orderId: OrderId): boolean;
  /** May an order of this id still be accepted, so that nobody can say there is none? Asked where nobody knows of it. */
  mayBeUnderWay(orderId: OrderId): boolean;
  /** What is listed, as far as this node knows. */
  instrument(ticker: Ticker): Instrument | undefined;
  instruments(): Promise<readonly Instrument[]>;
  /** Newest committed position of each shard. @throws Fault DATABASE_UNAVAILABLE */
  heads(): Promise<Positions>;
}
