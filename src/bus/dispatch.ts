/** A command on its way over the bus to the engine that owns its shard, and the answer on its way back. */
import type { Command } from '../core/commands.ts';
import type { Micros } from '../core/values/names.ts';
import type { FaultCode } from '../faults/fault.ts';
import type { Attribution, Committed, SourceMark } from '../journal/entry.ts';

/** What may come over the bus: what people ask for. The rest is the house's own, said where the shard lives. */
export type RemoteCommand = Extract<
  Command,
  {
    type:
      | 'PlaceOrder'
      | 'CancelOrder'
      | 'SetLimits'
      | 'EngageKillSwitch'
      | 'ReleaseKillSwitch'
      | 'RecordAccess';
  }
>;

export interface Dispatch {
  /** UUIDv7, minted by the sender: one command has one id, however often it is delivered. An order's is the order's own. */
  readonly commandId: string;
  readonly shard: string;
  /** An order's quote is not sent: the engine samples its own market. */
  readonly command: RemoteCommand;
  readonly by: Attribution;
  readonly sentAt: Micros;
  /** An engine that takes it in later refuses it; undefined: it is never too late (a cancel, a halt). */
  readonly deadline: Micros | undefined;
  /** Name of the node that waits for the answer; undefined: nobody does. */
  readonly replyTo: string | undefined;
}

/** A dispatch that a second time would undo what was decided since: a limit that was set, a halt that was called. */
export type Undoing = Dispatch & {
  readonly command: Extract<RemoteCommand, { type: 'SetLimits' | 'ReleaseKillSwitch' }>;
};

export const isUndoing = (dispatch: Dispatch): dispatch is Undoing =>
  dispatch.command.type === 'SetLimits' || dispatch.command.type === 'ReleaseKillSwitch';

/** What an engine makes of a dispatch. */
export type Outcome =
  | { readonly kind: 'committed'; readonly committed: Committed }
  | { readonly kind: 'fault'; readonly code: FaultCode; readonly detail: string | undefined };

export interface Answer {
  readonly commandId: string;
  readonly shard: string;
  readonly outcome: Outcome;
}

/** A message of a shard's partition. */
export interface Received {
  /** What the shard has taken in once this message is decided. */
  readonly mark: SourceMark;
  /** Undefined: the message does not read, and `wrong` says why. It is skipped, counted and kept aside. */
  readonly dispatch: Dispatch | undefined;
  readonly wrong: string | undefined;
}
