/** The ports of the command bus: how a command gets to its shard's partition, and how an engine comes by partitions. */
import type { SourceMark } from '../journal/entry.ts';
import type { Dispatch, Received } from './dispatch.ts';

export interface CommandSender {
  /**
   * Resolves when the bus holds the command for good.
   * @throws Fault BUS_UNAVAILABLE: it was not sent
   * @throws Fault COMMAND_IN_DOUBT: no word from the bus in time; it may or may not arrive
   */
  send(dispatch: Dispatch): Promise<void>;
}

export interface CommandReader {
  /**
   * Hands over the commands of `shard` in order, from `from` on (undefined: from the first that is kept), and waits
   * for `take` before it reads much further. Returns when `signal` is aborted.
   * @throws Fault BUS_BEHIND: the bus ends before `from`, so it is not the one that was read before
   */
  follow(
    shard: string,
    from: SourceMark | undefined,
    take: (commands: readonly Received[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Which shards are ours to own: decided among the engines of one deployment. */
export interface Membership {
  /**
   * Joins the engines. `assigned` is told of shards that came to us, `revoked` of those that go: it resolves when they
   * are let go of, and only then may another engine be given them (it may not wait for ever).
   */
  join(hears: {
    readonly assigned: (shards: readonly string[]) => void;
    readonly revoked: (shards: readonly string[]) => Promise<void>;
  }): Promise<void>;
  /** Leaves at once, so that the others need not wait for a session to run out. */
  leave(): Promise<void>;
}
