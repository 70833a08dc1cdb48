/** What the doors, the venues and the readers see of the single writer. */
import type { Command } from '../core/commands.ts';
import type { State } from '../core/state.ts';
import type { Position } from '../core/values/names.ts';
import type { Attribution, Committed, CommittedBatch, SourceMark } from '../journal/entry.ts';

export type EngineStatus = 'starting' | 'running' | 'recovering' | 'stopping' | 'stopped';

export interface Engine {
  readonly status: EngineStatus;
  /** Position of the newest committed fact. */
  readonly position: Position;
  /**
   * Decides `command` in turn and resolves once its facts are committed. `source`: where it came from, if from a bus;
   * the row that holds its facts says so, and the next owner of the shard goes on from there.
   * @throws Fault SEQUENCER_BUSY: the queue is full; nothing was decided
   * @throws Fault SEQUENCER_STOPPED: stopping or recovering; nothing was decided
   * @throws Fault JOURNAL_UNAVAILABLE: not known whether it was committed; retry with the same client order id
   */
  submit(command: Command, by: Attribution, source?: SourceMark): Promise<Committed>;
  /**
   * Asks `question` of the state in turn, and answers once every fact the state rests on is committed.
   * `question` must copy out what it needs: the state moves on.
   * @throws Fault SEQUENCER_BUSY or SEQUENCER_STOPPED or JOURNAL_UNAVAILABLE
   */
  read<T>(question: (state: State) => T): Promise<T>;
  /**
   * Makes sure that the shard is still ours, before anything irrevocable is done for it: a process that was stopped for
   * a while may have a successor, who has seen to all that is committed. Undefined: it was, a moment ago. After the
   * wait ask again: that moment may be over.
   * @throws Fault JOURNAL_CONFLICT: another writer owns it, and this one stops
   * @throws Fault JOURNAL_UNAVAILABLE or SEQUENCER_STOPPED: nobody can say now; the venues are reconciled later
   */
  proveOwnership(): Promise<void> | undefined;
  /** Calls `listener` with every committed batch, in order, once. Returns how to stop. A listener must not throw. */
  subscribe(listener: (batch: CommittedBatch) => void): () => void;
  /** Calls `listener` at each change of status; after `recovering` → `running` the venues must be reconciled. */
  onStatus(listener: (status: EngineStatus) => void): () => void;
}
